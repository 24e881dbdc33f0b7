;; Grows its memory by 99 pages; the exit code is 0 when that worked, else 1.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (call $exit (i32.eq (memory.grow (i32.const 99)) (i32.const -1)))))
