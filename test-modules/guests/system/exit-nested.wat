;; proc_exit(255) from deep inside, through a call_indirect, ends all frames at once.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (table funcref (elem $leave))
  (type $nothing (func))
  (func $leave (type $nothing)
    i32.const 255
    call $proc_exit)
  (func $down (param $n i32)
    local.get $n
    if
      local.get $n
      i32.const 1
      i32.sub
      call $down
    else
      i32.const 0
      call_indirect (type $nothing)
    end
    unreachable)
  (func (export "_start")
    i32.const 50
    call $down
    unreachable))
