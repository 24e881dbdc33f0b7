;; Imports two functions and a global that nobody has.
(module
  (import "wasix_32v1" "sock_teleport" (func (param i32) (result i32)))
  (import "env" "puts" (func (param i32) (result i32)))
  (import "env" "answer" (global i32))
  (memory (export "memory") 1)
  (func (export "_start")))
