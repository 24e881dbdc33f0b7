;; A library for LibraryRehearsal: wasm-tools parse library.wat -o rehearsal-library.so
(module
  (@dylink.0 (mem-info (memory 16 2) (table 1 0)))
  (import "env" "memory" (memory 0 65536 shared))
  (import "env" "__indirect_function_table" (table 1 funcref))
  (import "env" "__memory_base" (global $data i32))
  (import "env" "__table_base" (global $first i32))
  (import "env" "twice" (func $twice (param i32) (result i32)))
  (func $answer (export "answer") (result i32) (call $twice (i32.load (global.get $data))))
  (elem (global.get $first) $answer)
  (data (global.get $data) "\15\00\00\00"))
