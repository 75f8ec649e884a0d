-- Names that a language gives without any declaration.
--
-- kind function: what a bare name may mean (functions, types, exceptions); kind
-- type: Go's predeclared types; kind method: methods so common among builtin values
-- (Python) or by convention (Go) that a call of one says nothing about its receiver.
--
-- Result: language, kind, name VARCHAR. Any order.
-- Cost: none; constants.
SELECT 'python' AS language, 'function' AS kind, name FROM (VALUES
  ('ArithmeticError'), ('AssertionError'), ('AttributeError'), ('BaseException'), ('BaseExceptionGroup'),
  ('BlockingIOError'), ('BrokenPipeError'), ('BufferError'), ('BytesWarning'), ('ChildProcessError'),
  ('ConnectionAbortedError'), ('ConnectionError'), ('ConnectionRefusedError'), ('ConnectionResetError'),
  ('DeprecationWarning'), ('EOFError'), ('EncodingWarning'), ('EnvironmentError'), ('Exception'),
  ('ExceptionGroup'), ('FileExistsError'), ('FileNotFoundError'), ('FloatingPointError'), ('FutureWarning'),
  ('GeneratorExit'), ('IOError'), ('ImportError'), ('ImportWarning'), ('IndentationError'), ('IndexError'),
  ('InterruptedError'), ('IsADirectoryError'), ('KeyError'), ('KeyboardInterrupt'), ('LookupError'),
  ('MemoryError'), ('ModuleNotFoundError'), ('NameError'), ('NotADirectoryError'), ('NotImplementedError'),
  ('OSError'), ('OverflowError'), ('PendingDeprecationWarning'), ('PermissionError'), ('ProcessLookupError'),
  ('RecursionError'), ('ReferenceError'), ('ResourceWarning'), ('RuntimeError'), ('RuntimeWarning'),
  ('StopAsyncIteration'), ('StopIteration'), ('SyntaxError'), ('SyntaxWarning'), ('SystemError'), ('SystemExit'),
  ('TabError'), ('TimeoutError'), ('TypeError'), ('UnboundLocalError'), ('UnicodeDecodeError'),
  ('UnicodeEncodeError'), ('UnicodeError'), ('UnicodeTranslateError'), ('UnicodeWarning'), ('UserWarning'),
  ('ValueError'), ('Warning'), ('ZeroDivisionError'), ('__import__'), ('abs'), ('aiter'), ('all'), ('anext'),
  ('any'), ('ascii'), ('bin'), ('bool'), ('breakpoint'), ('bytearray'), ('bytes'), ('callable'), ('chr'),
  ('classmethod'), ('compile'), ('complex'), ('delattr'), ('dict'), ('dir'), ('divmod'), ('enumerate'), ('eval'),
  ('exec'), ('exit'), ('filter'), ('float'), ('format'), ('frozenset'), ('getattr'), ('globals'), ('hasattr'),
  ('hash'), ('help'), ('hex'), ('id'), ('input'), ('int'), ('isinstance'), ('issubclass'), ('iter'), ('len'),
  ('list'), ('locals'), ('map'), ('max'), ('memoryview'), ('min'), ('next'), ('object'), ('oct'), ('open'), ('ord'),
  ('pow'), ('print'), ('property'), ('quit'), ('range'), ('repr'), ('reversed'), ('round'), ('set'), ('setattr'),
  ('slice'), ('sorted'), ('staticmethod'), ('str'), ('sum'), ('super'), ('tuple'), ('type'), ('vars'), ('zip')
) AS v(name)
UNION ALL
SELECT 'python' AS language, 'method' AS kind, name FROM (VALUES
  ('__call__'), ('__contains__'), ('__enter__'), ('__eq__'), ('__exit__'), ('__getitem__'), ('__hash__'),
  ('__init__'), ('__iter__'), ('__len__'), ('__next__'), ('__repr__'), ('__setitem__'), ('__str__'), ('add'),
  ('append'), ('as_integer_ratio'), ('bit_count'), ('bit_length'), ('c_contiguous'), ('capitalize'), ('casefold'),
  ('cast'), ('center'), ('clear'), ('close'), ('conjugate'), ('contiguous'), ('copy'), ('count'), ('decode'),
  ('denominator'), ('detach'), ('difference'), ('difference_update'), ('discard'), ('encode'), ('endswith'),
  ('expandtabs'), ('extend'), ('f_contiguous'), ('fileno'), ('find'), ('flush'), ('format'), ('format_map'),
  ('from_bytes'), ('fromhex'), ('fromkeys'), ('get'), ('hex'), ('imag'), ('index'), ('insert'), ('intersection'),
  ('intersection_update'), ('is_integer'), ('isalnum'), ('isalpha'), ('isascii'), ('isatty'), ('isdecimal'),
  ('isdigit'), ('isdisjoint'), ('isidentifier'), ('islower'), ('isnumeric'), ('isprintable'), ('isspace'),
  ('issubset'), ('issuperset'), ('istitle'), ('isupper'), ('items'), ('itemsize'), ('join'), ('keys'), ('ljust'),
  ('lower'), ('lstrip'), ('maketrans'), ('nbytes'), ('ndim'), ('numerator'), ('obj'), ('partition'), ('pop'),
  ('popitem'), ('read'), ('readable'), ('readinto'), ('readline'), ('readlines'), ('readonly'), ('real'),
  ('release'), ('remove'), ('removeprefix'), ('removesuffix'), ('replace'), ('reverse'), ('rfind'), ('rindex'),
  ('rjust'), ('rpartition'), ('rsplit'), ('rstrip'), ('seek'), ('seekable'), ('send'), ('setdefault'), ('shape'),
  ('sort'), ('split'), ('splitlines'), ('startswith'), ('strides'), ('strip'), ('suboffsets'), ('swapcase'),
  ('symmetric_difference'), ('symmetric_difference_update'), ('tell'), ('throw'), ('title'), ('to_bytes'),
  ('tobytes'), ('tolist'), ('toreadonly'), ('translate'), ('truncate'), ('union'), ('update'), ('upper'),
  ('values'), ('writable'), ('write'), ('writelines'), ('zfill')
) AS v(name)
UNION ALL
SELECT 'go' AS language, 'function' AS kind, name FROM (VALUES
  ('append'), ('cap'), ('clear'), ('close'), ('complex'), ('copy'), ('delete'), ('imag'), ('len'), ('make'),
  ('max'), ('min'), ('new'), ('panic'), ('print'), ('println'), ('real'), ('recover')
) AS v(name)
UNION ALL
SELECT 'go' AS language, 'type' AS kind, name FROM (VALUES
  ('any'), ('bool'), ('byte'), ('comparable'), ('complex128'), ('complex64'), ('error'), ('float32'), ('float64'),
  ('int'), ('int16'), ('int32'), ('int64'), ('int8'), ('rune'), ('string'), ('uint'), ('uint16'), ('uint32'),
  ('uint64'), ('uint8'), ('uintptr')
) AS v(name)
UNION ALL
SELECT 'go' AS language, 'method' AS kind, name FROM (VALUES
  ('As'), ('Close'), ('Error'), ('Format'), ('GoString'), ('Is'), ('Len'), ('Less'), ('Read'), ('String'), ('Swap'),
  ('Unwrap'), ('Write')
) AS v(name)
