;; Ends with proc_exit2(4), as programs of the current libc do.
(module
  (import "wasix_32v1" "proc_exit2" (func $proc_exit2 (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    i32.const 4
    call $proc_exit2
    unreachable))
