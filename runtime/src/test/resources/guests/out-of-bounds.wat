;; Reads beyond its memory.
(module
  (memory (export "memory") 1)
  (func $reads (drop (i32.load (i32.const 65534))))
  (func (export "_start") (call $reads)))
