;; Ends by returning from _start: code 0. It imports nothing.
(module
  (memory (export "memory") 1)
  (func (export "_start")))
