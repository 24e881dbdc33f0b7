;; Uses SIMD.
(module
  (memory (export "memory") 1)
  (func $fine)
  (func $vectors (drop (v128.const i32x4 1 2 3 4)))
  (func (export "_start") (call $vectors)))
