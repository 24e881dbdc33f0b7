# Where the host enters a thread. The stack belongs to the caller of thread_start again as soon as the word at offset 52
# of the record says so; so that has to be done without one, here, after the last C function has returned.
    .globaltype __stack_pointer, i32
    .functype thread_run (i32) -> ()

    .globl thread_enter
    .type thread_enter,@function
thread_enter:
    .functype thread_enter (i32) -> ()
    local.get 0
    i32.load 0
    global.set __stack_pointer
    local.get 0
    call thread_run
    local.get 0
    i32.const 1
    i32.atomic.store 52
    local.get 0
    i32.const -1
    memory.atomic.notify 52
    drop
    end_function

# wasi_thread_start(tid, record)
    .globl wasi_thread_start
    .export_name wasi_thread_start, wasi_thread_start
    .type wasi_thread_start,@function
wasi_thread_start:
    .functype wasi_thread_start (i32, i32) -> ()
    local.get 1
    call thread_enter
    end_function

# _start_thread(low half of the user data, high half)
    .globl _start_thread
    .export_name _start_thread, _start_thread
    .type _start_thread,@function
_start_thread:
    .functype _start_thread (i32, i32) -> ()
    local.get 0
    call thread_enter
    end_function
