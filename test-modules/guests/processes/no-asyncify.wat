;; setjmp and fork in a module that was not built with asyncify: the checkpoint succeeds, fork is notsup (58), and the jump
;; ends the guest.
(module
  (import "wasix_32v1" "stack_checkpoint" (func $stack_checkpoint (param i32 i32) (result i32)))
  (import "wasix_32v1" "stack_restore" (func $stack_restore (param i32 i64)))
  (import "wasix_32v1" "proc_fork" (func $proc_fork (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $expect (param $got i32) (param $wanted i32)
    local.get $got
    local.get $wanted
    i32.ne
    if
      local.get $got
      call $proc_exit
    end)
  (func (export "_start")
    i32.const 64
    i64.const -1
    i64.store
    (call $expect (call $stack_checkpoint (i32.const 0) (i32.const 64)) (i32.const 0))
    (call $expect (i32.load (i32.const 64)) (i32.const 0))
    (call $expect (call $proc_fork (i32.const 1) (i32.const 72)) (i32.const 58))
    (call $stack_restore (i32.const 0) (i64.const 1))))
