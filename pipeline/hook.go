package pipeline

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/buildscope/buildscope/model"
)

// Hook is told what happens in a run. The driver calls hooks in the order they
// were given, on the goroutine of the node, so a hook must not wait for anything
// slow. A hook that panics is reported through [Options].HookError; it
// never fails the build. Embed [NoHook] to implement a part.
type Hook interface {
	// BeforeGraph runs once before the first node. The context it returns is
	// the parent of every node's context.
	BeforeGraph(ctx context.Context, plan model.Plan) context.Context
	// BeforeNode runs when a node starts, and before a cached result is taken.
	// The context it returns is what the node's function gets.
	BeforeNode(ctx context.Context, n *NodeRun) context.Context
	// Progress runs when a node says how far it is, at most ten times a second.
	Progress(ctx context.Context, n *NodeRun, p Progress)
	// AfterNode runs once for every planned node: with the context of BeforeNode
	// when it ran, and also for nodes that were blocked or cancelled before.
	AfterNode(ctx context.Context, n *NodeRun)
	// AfterCapture runs once after each AfterNode, with its context, when the
	// statistics of the node's tables are there. Others may long have read its
	// tables by then, and it may run on any goroutine.
	AfterCapture(ctx context.Context, n *NodeRun)
	// AfterGraph runs once after the last node.
	AfterGraph(ctx context.Context, r *Result)
}

// Progress is how far a running node is.
type Progress struct {
	Done, Total int64 // Total 0: not known
	Unit        string
}

// NodeRun is one node in one run, as hooks see it. Fields are set by the time of
// the call that needs them and must not be changed.
type NodeRun struct {
	Node      *Node
	Plan      model.PlanNode
	Execution model.NodeExecution // final in AfterNode
	Tables    []Table             // results that are tables
	Value     any                 // result that is no table
	Query     *model.QueryProfile // engine's profile of a SQL node, when kept
	Err       error
	Stack     string // of a panic
	Key       string // what the result cache knows the result by

	Test *model.DataTestResult // of a node that tests; final in AfterNode

	Stats []model.TableStats // of Tables, in their order; final in AfterCapture, nil without capture
}

// NoHook does nothing; embed it to implement a part of Hook.
type NoHook struct{}

func (NoHook) BeforeGraph(ctx context.Context, _ model.Plan) context.Context { return ctx }
func (NoHook) BeforeNode(ctx context.Context, _ *NodeRun) context.Context    { return ctx }
func (NoHook) Progress(context.Context, *NodeRun, Progress)                  {}
func (NoHook) AfterNode(context.Context, *NodeRun)                           {}
func (NoHook) AfterCapture(context.Context, *NodeRun)                        {}
func (NoHook) AfterGraph(context.Context, *Result)                           {}

// hooks calls several hooks and shields the run from their panics.
type hooks struct {
	list    []Hook
	onError func(error)
}

func (h hooks) guard(i int, what string, call func(Hook)) {
	defer func() {
		if v := recover(); v != nil && h.onError != nil {
			h.onError(fmt.Errorf("lifecycle hook %T panicked in %s: %v\n%s", h.list[i], what, v, debug.Stack()))
		}
	}()
	call(h.list[i])
}

func (h hooks) beforeGraph(ctx context.Context, p model.Plan) context.Context {
	for i := range h.list {
		h.guard(i, "BeforeGraph", func(k Hook) { ctx = k.BeforeGraph(ctx, p) })
	}
	return ctx
}

func (h hooks) beforeNode(ctx context.Context, n *NodeRun) context.Context {
	for i := range h.list {
		h.guard(i, "BeforeNode", func(k Hook) { ctx = k.BeforeNode(ctx, n) })
	}
	return ctx
}

func (h hooks) progress(ctx context.Context, n *NodeRun, p Progress) {
	for i := range h.list {
		h.guard(i, "Progress", func(k Hook) { k.Progress(ctx, n, p) })
	}
}

func (h hooks) afterNode(ctx context.Context, n *NodeRun) {
	for i := range h.list {
		h.guard(i, "AfterNode", func(k Hook) { k.AfterNode(ctx, n) })
	}
}

func (h hooks) afterCapture(ctx context.Context, n *NodeRun) {
	for i := range h.list {
		h.guard(i, "AfterCapture", func(k Hook) { k.AfterCapture(ctx, n) })
	}
}

func (h hooks) afterGraph(ctx context.Context, r *Result) {
	for i := range h.list {
		h.guard(i, "AfterGraph", func(k Hook) { k.AfterGraph(ctx, r) })
	}
}
