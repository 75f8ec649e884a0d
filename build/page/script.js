// The page is whole without this. It adds sorting, filters, zoom of the waterfall,
// tips, and lines of the graph that light up. Text enters by textContent only.
(() => {
  'use strict';
  const all = (sel, at = document) => [...at.querySelectorAll(sel)];
  const make = (tag, attrs = {}, text = '') => {
    const el = document.createElement(tag);
    for (const k in attrs) el.setAttribute(k, attrs[k]);
    el.textContent = text;
    return el;
  };
  const tools = (el) => { // the line of controls above a table or list
    const box = el.closest('.scroll') || el;
    let line = box.previousElementSibling;
    if (!line || !line.classList.contains('tools')) box.before(line = make('div', { class: 'tools' }));
    return line;
  };

  // Sorting: the first press on a column of numbers puts the largest on top.
  const value = (cell) => cell.dataset.v !== undefined ? Number(cell.dataset.v) : cell.textContent.trim();
  const order = (a, b) => typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  for (const table of all('table[data-sort]')) {
    const heads = all('thead th', table);
    heads.forEach((th, i) => {
      const b = make('button', { type: 'button', title: 'sort by this column' }, th.textContent);
      th.replaceChildren(b);
      b.addEventListener('click', () => {
        const was = th.getAttribute('aria-sort');
        const up = was ? was === 'descending' : !th.classList.contains('n');
        for (const h of heads) h.removeAttribute('aria-sort');
        th.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const rows = [...table.tBodies[0].rows].map((row) => ({ row, v: value(row.cells[i]) }));
        rows.sort((a, b) => up ? order(a.v, b.v) : order(b.v, a.v));
        table.tBodies[0].append(...rows.map((r) => r.row));
      });
    });
  }

  // Filters: rows that hold the text stay, and rows around them that hold them.
  for (const list of all('[data-filter]')) {
    const what = list.dataset.filter;
    const input = make('input', { type: 'search', placeholder: 'filter ' + what, 'aria-label': 'filter ' + what });
    const hits = make('span', { class: 'hits', role: 'status' });
    tools(list).append(input, hits);
    const rows = all('[data-row]', list).map((el) => ({ el, text: el.textContent.toLowerCase() }));
    input.addEventListener('input', () => {
      const q = input.value.trim().toLowerCase();
      let n = 0;
      for (const r of rows) {
        r.el.hidden = q !== '' && !r.text.includes(q);
        if (!r.el.hidden) n++;
      }
      hits.textContent = q === '' ? '' : n + ' of ' + rows.length;
    });
  }

  // Tips: the title of a drawing at once and near the pointer. Titles that name a
  // link or an image stay; the others would only show twice.
  const tip = make('div', { id: 'tip', hidden: '' });
  document.body.append(tip);
  const tips = new WeakMap();
  for (const t of all('svg title')) {
    tips.set(t.parentNode, t.textContent);
    if (!t.closest('a, [role=img]')) t.remove();
  }
  document.addEventListener('pointermove', (e) => {
    let text, el = e.target;
    for (let i = 0; el && i < 4 && !text; i++, el = el.parentElement) text = tips.get(el);
    tip.hidden = !text;
    if (!text) return;
    tip.textContent = text;
    tip.style.left = Math.max(4, Math.min(e.clientX + 14, innerWidth - tip.offsetWidth - 6)) + 'px';
    tip.style.top = (e.clientY + 20 + tip.offsetHeight > innerHeight ? e.clientY - tip.offsetHeight - 10 : e.clientY + 16) + 'px';
  });

  // Zoom: every bar is drawn in parts of SCALE, so a part of the time is a viewBox.
  const SCALE = 100000, SVG = 'http://www.w3.org/2000/svg';
  const label = (ns) => {
    for (const [unit, name] of [[1e9, 's'], [1e6, 'ms'], [1e3, 'µs']]) if (ns >= unit) return Number((ns / unit).toPrecision(6)) + name;
    return ns < 1 ? '0' : Math.round(ns) + 'ns';
  };
  const roundStep = (ns) => {
    const unit = 10 ** Math.floor(Math.log10(ns));
    return unit * [1, 2, 5, 10].find((n) => n * unit >= ns * .999);
  };
  const waterfall = (wf) => {
    const wall = Number(wf.dataset.wall), bars = all('.k', wf), ticks = wf.querySelector('.ticks'), grid = wf.querySelector('.grid');
    let lo = 0, hi = SCALE;
    const draw = () => {
      for (const b of bars) b.setAttribute('viewBox', lo + ' 0 ' + (hi - lo) + ' 12');
      const from = wall * lo / SCALE, to = wall * hi / SCALE, step = roundStep((to - from) / 6);
      ticks.replaceChildren();
      grid.replaceChildren();
      for (let at = Math.ceil(from / step) * step; at < to - step / 3; at += step) {
        const x = (100 * (at - from) / (to - from)).toFixed(3) + '%';
        const t = document.createElementNS(SVG, 'text'), l = document.createElementNS(SVG, 'line');
        t.setAttribute('x', x);
        t.setAttribute('y', 12);
        t.textContent = label(at);
        for (const [k, v] of [['x1', x], ['x2', x], ['y1', 0], ['y2', '100%']]) l.setAttribute(k, v);
        ticks.append(t);
        grid.append(l);
      }
      whole.disabled = lo === 0 && hi === SCALE;
    };
    const show = (a, b) => {
      const least = Math.min(SCALE, SCALE * 1000 / wall); // a microsecond
      if (b - a < least) [a, b] = [(a + b - least) / 2, (a + b + least) / 2];
      if (a < 0) [a, b] = [0, b - a];
      if (b > SCALE) [a, b] = [a - b + SCALE, SCALE];
      [lo, hi] = [Math.max(0, a), b];
      draw();
    };
    const scale = (f) => { const m = (lo + hi) / 2, h = (hi - lo) / 2 * f; show(m - h, m + h); };
    const shift = (f) => { const d = (hi - lo) * f; show(lo + d, hi + d); };
    const button = (text, name, f) => {
      const b = make('button', { type: 'button', title: name, 'aria-label': name }, text);
      b.addEventListener('click', f);
      tools(wf).append(b);
      return b;
    };
    button('+', 'zoom in', () => scale(.5));
    button('−', 'zoom out', () => scale(2));
    button('←', 'earlier', () => shift(-.25));
    button('→', 'later', () => shift(.25));
    const whole = button('whole run', 'show the whole run', () => show(0, SCALE));
    whole.disabled = true;
    const spans = all('details', wf);
    if (spans.length) {
      const open = button('open all', 'open or close the spans of all nodes', () => {
        const shut = spans.some((d) => !d.open);
        for (const d of spans) d.open = shut;
        open.textContent = shut ? 'close all' : 'open all';
      });
    }
    tools(wf).append(make('span', { class: 'hits' }, 'drag across the bars to zoom in'));

    let from = null, pick = null; // a drag across the bars
    const place = (e) => { const r = grid.getBoundingClientRect(); return Math.min(1, Math.max(0, (e.clientX - r.left) / r.width)); };
    wf.addEventListener('pointerdown', (e) => {
      if (e.pointerType !== 'mouse' || e.button !== 0 || !e.target.closest('.k')) return;
      from = place(e);
      e.preventDefault();
    });
    addEventListener('pointermove', (e) => {
      if (from === null) return;
      const to = place(e), g = grid.getBoundingClientRect(), w = wf.getBoundingClientRect();
      if (!pick) wf.append(pick = make('div', { class: 'pick' }));
      pick.style.left = g.left - w.left + g.width * Math.min(from, to) + 'px';
      pick.style.width = g.width * Math.abs(to - from) + 'px';
    });
    let dragged = false;
    addEventListener('pointerup', (e) => {
      if (from === null) return;
      const to = place(e), a = Math.min(from, to), b = Math.max(from, to), d = hi - lo;
      from = null;
      if (pick) pick = pick.remove();
      dragged = b - a > .004;
      if (dragged) show(lo + d * a, lo + d * b);
    });
    wf.addEventListener('click', (e) => { // the end of a drag must not open what it began on
      if (dragged) e.preventDefault();
      dragged = false;
    }, true);
  };
  all('.wf').forEach(waterfall);

  // Graph: the lines of one node.
  for (const svg of all('.graph svg')) {
    const edges = all('.e', svg);
    const light = (box) => {
      svg.classList.toggle('lit', !!box);
      for (const p of edges) p.classList.toggle('on', !!box && (p.dataset.a === box.dataset.n || p.dataset.b === box.dataset.n));
    };
    for (const kind of ['pointerover', 'focusin']) svg.addEventListener(kind, (e) => light(e.target.closest('.box')));
    for (const kind of ['pointerleave', 'focusout']) svg.addEventListener(kind, () => light(null));
  }
})();
