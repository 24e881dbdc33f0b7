;; Uses up the stack of its own that a C program has, which lies below its data.
(module
  (import "wasix_32v1" "sched_yield" (func $sched_yield (result i32)))
  (memory (export "memory") 2)
  (global $__stack_pointer (mut i32) (i32.const 65536))
  (func $takes_a_page
    global.get $__stack_pointer
    i32.const 4096
    i32.sub
    global.set $__stack_pointer
    global.get $__stack_pointer
    i64.const 0
    i64.store
    call $sched_yield
    drop
    call $takes_a_page)
  (func (export "_start")
    call $takes_a_page))
