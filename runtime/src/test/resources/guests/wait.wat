;; Waits for ever on an address.
(module
  (import "env" "memory" (memory 1 65536 shared))
  (func (export "_start")
    (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
