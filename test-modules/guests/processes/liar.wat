;; liar HOW: forks, with the exports of asyncify, but does not do what asyncify does. HOW is a letter:
;;   c  goes on with other calls instead of leaving        d  damages the saved frames
;;   g  does not go on where it was                        t  traps when it is to leave
;;   u  forks while it leaves         v  forks when it has left
;;   r  forks while it is led back    s  forks when it is back      j  jumps while it is led back
;; With another letter it forks as it should: its child ends with 0, and then it does too.
(module
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasix_32v1" "proc_fork" (func $proc_fork (param i32 i32) (result i32)))
  (import "wasix_32v1" "stack_restore" (func $stack_restore (param i32 i64)))
  (import "wasix_32v1" "sched_yield" (func $sched_yield (result i32)))
  (memory (export "memory") 1)
  ;; 0 as always, 1 leaves, 2 is led back
  (global $state (mut i32) (i32.const 0))
  (func $is (param $how i32) (result i32)
    i32.const 64
    i32.load8_u
    local.get $how
    i32.eq)
  (func $fork
    i32.const 1
    i32.const 300
    call $proc_fork
    drop)
  (func (export "asyncify_start_unwind") (param $room i32)
    i32.const 116 ;; t
    call $is
    if
      unreachable
    end
    i32.const 117 ;; u
    call $is
    if
      call $fork
    end
    i32.const 100 ;; d
    call $is
    if
      local.get $room
      i32.const -1
      i32.store
    end
    i32.const 99 ;; c
    call $is
    if
      return
    end
    i32.const 1
    global.set $state)
  (func (export "asyncify_stop_unwind")
    i32.const 118 ;; v
    call $is
    if
      call $fork
    end
    i32.const 0
    global.set $state)
  (func (export "asyncify_start_rewind") (param $room i32)
    i32.const 114 ;; r
    call $is
    if
      call $fork
    end
    i32.const 106 ;; j
    call $is
    if
      i32.const 320
      i64.const 1
      call $stack_restore
    end
    i32.const 2
    global.set $state)
  (func (export "asyncify_stop_rewind")
    i32.const 115 ;; s
    call $is
    if
      call $fork
    end
    i32.const 0
    global.set $state)
  (func (export "_start")
    global.get $state
    i32.eqz
    if
      ;; the pointers go to 200, the text to 256; the letter to 64
      i32.const 200
      i32.const 256
      call $args_get
      drop
      i32.const 64
      i32.const 204
      i32.load
      i32.load8_u
      i32.store8
    else
      i32.const 103 ;; g
      call $is
      if
        return
      end
    end
    call $fork
    global.get $state
    i32.const 1
    i32.eq
    if
      return
    end
    call $sched_yield
    drop))
