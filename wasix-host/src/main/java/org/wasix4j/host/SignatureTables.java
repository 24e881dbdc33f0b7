package org.wasix4j.host;

/**
 * Every function of the ABI, a line each. Lines with a number sign are comments.
 *
 * <p>They are not resources: to read one the JVM opens the jars of the class path, which it does
 * for nothing else when its classes come from an archive.
 */
final class SignatureTables {

    /** WASIX of 2022 to 2024, preview1 and {@code wasi_unstable}. */
    static final String ABI =
            """
            # Every function of the ABI, both generations: module, name, core type (i = i32, I = i64, after the
            # colon the result), then each parameter as name=kind. In a kind "&" is a pointer that is read, "*" one
            # that is written; "string" and "<type>s" are pointers followed by their length or element count.
            # Two names of wasix_32v1 have two types each (proc_join, thread_spawn) and so two lines.
            # AbiConformanceTest holds names and types against the WITX (wasix-abi.json); the kinds are ours.
            wasi thread-spawn i:i start_arg=&thread_start
            wasi_snapshot_preview1 args_get ii:i argv=**u8 argv_buf=*u8
            wasi_snapshot_preview1 args_sizes_get ii:i ret0=*size ret1=*size
            wasi_snapshot_preview1 clock_res_get ii:i id=clockid ret=*timestamp
            wasi_snapshot_preview1 clock_time_get iIi:i id=clockid precision=timestamp ret=*timestamp
            wasi_snapshot_preview1 environ_get ii:i environ=**u8 environ_buf=*u8
            wasi_snapshot_preview1 environ_sizes_get ii:i ret0=*size ret1=*size
            wasi_snapshot_preview1 fd_advise iIIi:i fd=fd offset=filesize len=filesize advice=advice
            wasi_snapshot_preview1 fd_allocate iII:i fd=fd offset=filesize len=filesize
            wasi_snapshot_preview1 fd_close i:i fd=fd
            wasi_snapshot_preview1 fd_datasync i:i fd=fd
            wasi_snapshot_preview1 fd_fdstat_get ii:i fd=fd ret=*fdstat
            wasi_snapshot_preview1 fd_fdstat_set_flags ii:i fd=fd flags=fdflags
            wasi_snapshot_preview1 fd_fdstat_set_rights iII:i fd=fd fs_rights_base=rights fs_rights_inheriting=rights
            wasi_snapshot_preview1 fd_filestat_get ii:i fd=fd ret=*filestat
            wasi_snapshot_preview1 fd_filestat_set_size iI:i fd=fd size=filesize
            wasi_snapshot_preview1 fd_filestat_set_times iIIi:i fd=fd atim=timestamp mtim=timestamp fst_flags=fstflags
            wasi_snapshot_preview1 fd_pread iiiIi:i fd=fd iovs=iovecs iovs_len=count offset=filesize ret=*size
            wasi_snapshot_preview1 fd_prestat_dir_name iii:i fd=fd path=*u8 path_len=size
            wasi_snapshot_preview1 fd_prestat_get ii:i fd=fd ret=*prestat
            wasi_snapshot_preview1 fd_pwrite iiiIi:i fd=fd iovs=ciovecs iovs_len=count offset=filesize ret=*size
            wasi_snapshot_preview1 fd_read iiii:i fd=fd iovs=iovecs iovs_len=count ret=*size
            wasi_snapshot_preview1 fd_readdir iiiIi:i fd=fd buf=*u8 buf_len=size cookie=dircookie ret=*size
            wasi_snapshot_preview1 fd_renumber ii:i fd=fd to=fd
            wasi_snapshot_preview1 fd_seek iIii:i fd=fd offset=filedelta whence=whence ret=*filesize
            wasi_snapshot_preview1 fd_sync i:i fd=fd
            wasi_snapshot_preview1 fd_tell ii:i fd=fd ret=*filesize
            wasi_snapshot_preview1 fd_write iiii:i fd=fd iovs=ciovecs iovs_len=count ret=*size
            wasi_snapshot_preview1 path_create_directory iii:i fd=fd path=string path_len=len
            wasi_snapshot_preview1 path_filestat_get iiiii:i fd=fd flags=lookupflags path=string path_len=len ret=*filestat
            wasi_snapshot_preview1 path_filestat_set_times iiiiIIi:i fd=fd flags=lookupflags path=string path_len=len atim=timestamp mtim=timestamp fst_flags=fstflags
            wasi_snapshot_preview1 path_link iiiiiii:i old_fd=fd old_flags=lookupflags old_path=string old_path_len=len new_fd=fd new_path=string new_path_len=len
            wasi_snapshot_preview1 path_open iiiiiIIii:i fd=fd dirflags=lookupflags path=string path_len=len oflags=oflags fs_rights_base=rights fs_rights_inheriting=rights fdflags=fdflags ret=*fd
            wasi_snapshot_preview1 path_readlink iiiiii:i fd=fd path=string path_len=len buf=*u8 buf_len=size ret=*size
            wasi_snapshot_preview1 path_remove_directory iii:i fd=fd path=string path_len=len
            wasi_snapshot_preview1 path_rename iiiiii:i fd=fd old_path=string old_path_len=len new_fd=fd new_path=string new_path_len=len
            wasi_snapshot_preview1 path_symlink iiiii:i old_path=string old_path_len=len fd=fd new_path=string new_path_len=len
            wasi_snapshot_preview1 path_unlink_file iii:i fd=fd path=string path_len=len
            wasi_snapshot_preview1 poll_oneoff iiii:i in=&subscription out=*event nsubscriptions=size ret=*size
            wasi_snapshot_preview1 proc_exit i: rval=exitcode
            wasi_snapshot_preview1 proc_raise i:i sig=signal
            wasi_snapshot_preview1 random_get ii:i buf=*u8 buf_len=size
            wasi_snapshot_preview1 sched_yield :i
            wasi_snapshot_preview1 sock_accept iii:i fd=fd flags=fdflags ret=*fd
            wasi_snapshot_preview1 sock_recv iiiiii:i fd=fd ri_data=iovecs ri_data_len=count ri_flags=riflags ret0=*size ret1=*roflags
            wasi_snapshot_preview1 sock_send iiiii:i fd=fd si_data=ciovecs si_data_len=count si_flags=siflags ret=*size
            wasi_snapshot_preview1 sock_shutdown ii:i fd=fd how=sdflags
            wasi_unstable args_get ii:i argv=**u8 argv_buf=*u8
            wasi_unstable args_sizes_get ii:i ret0=*size ret1=*size
            wasi_unstable clock_res_get ii:i id=clockid ret=*timestamp
            wasi_unstable clock_time_get iIi:i id=clockid precision=timestamp ret=*timestamp
            wasi_unstable environ_get ii:i environ=**u8 environ_buf=*u8
            wasi_unstable environ_sizes_get ii:i ret0=*size ret1=*size
            wasi_unstable fd_advise iIIi:i fd=fd offset=filesize len=filesize advice=advice
            wasi_unstable fd_allocate iII:i fd=fd offset=filesize len=filesize
            wasi_unstable fd_close i:i fd=fd
            wasi_unstable fd_datasync i:i fd=fd
            wasi_unstable fd_fdstat_get ii:i fd=fd ret=*fdstat
            wasi_unstable fd_fdstat_set_flags ii:i fd=fd flags=fdflags
            wasi_unstable fd_fdstat_set_rights iII:i fd=fd fs_rights_base=rights fs_rights_inheriting=rights
            wasi_unstable fd_filestat_get ii:i fd=fd ret=*filestat
            wasi_unstable fd_filestat_set_size iI:i fd=fd size=filesize
            wasi_unstable fd_filestat_set_times iIIi:i fd=fd atim=timestamp mtim=timestamp fst_flags=fstflags
            wasi_unstable fd_pread iiiIi:i fd=fd iovs=iovecs iovs_len=count offset=filesize ret=*size
            wasi_unstable fd_prestat_dir_name iii:i fd=fd path=*u8 path_len=size
            wasi_unstable fd_prestat_get ii:i fd=fd ret=*prestat
            wasi_unstable fd_pwrite iiiIi:i fd=fd iovs=ciovecs iovs_len=count offset=filesize ret=*size
            wasi_unstable fd_read iiii:i fd=fd iovs=iovecs iovs_len=count ret=*size
            wasi_unstable fd_readdir iiiIi:i fd=fd buf=*u8 buf_len=size cookie=dircookie ret=*size
            wasi_unstable fd_renumber ii:i fd=fd to=fd
            wasi_unstable fd_seek iIii:i fd=fd offset=filedelta whence=whence ret=*filesize
            wasi_unstable fd_sync i:i fd=fd
            wasi_unstable fd_tell ii:i fd=fd ret=*filesize
            wasi_unstable fd_write iiii:i fd=fd iovs=ciovecs iovs_len=count ret=*size
            wasi_unstable path_create_directory iii:i fd=fd path=string path_len=len
            wasi_unstable path_filestat_get iiiii:i fd=fd flags=lookupflags path=string path_len=len ret=*filestat
            wasi_unstable path_filestat_set_times iiiiIIi:i fd=fd flags=lookupflags path=string path_len=len atim=timestamp mtim=timestamp fst_flags=fstflags
            wasi_unstable path_link iiiiiii:i old_fd=fd old_flags=lookupflags old_path=string old_path_len=len new_fd=fd new_path=string new_path_len=len
            wasi_unstable path_open iiiiiIIii:i fd=fd dirflags=lookupflags path=string path_len=len oflags=oflags fs_rights_base=rights fs_rights_inheriting=rights fdflags=fdflags ret=*fd
            wasi_unstable path_readlink iiiiii:i fd=fd path=string path_len=len buf=*u8 buf_len=size ret=*size
            wasi_unstable path_remove_directory iii:i fd=fd path=string path_len=len
            wasi_unstable path_rename iiiiii:i fd=fd old_path=string old_path_len=len new_fd=fd new_path=string new_path_len=len
            wasi_unstable path_symlink iiiii:i old_path=string old_path_len=len fd=fd new_path=string new_path_len=len
            wasi_unstable path_unlink_file iii:i fd=fd path=string path_len=len
            wasi_unstable poll_oneoff iiii:i in=&subscription out=*event nsubscriptions=size ret=*size
            wasi_unstable proc_exit i: rval=exitcode
            wasi_unstable proc_raise i:i sig=signal
            wasi_unstable random_get ii:i buf=*u8 buf_len=size
            wasi_unstable sched_yield :i
            wasi_unstable sock_recv iiiiii:i fd=fd ri_data=iovecs ri_data_len=count ri_flags=riflags ret0=*size ret1=*roflags
            wasi_unstable sock_send iiiii:i fd=fd si_data=ciovecs si_data_len=count si_flags=siflags ret=*size
            wasi_unstable sock_shutdown ii:i fd=fd how=sdflags
            wasix_32v1 args_get ii:i argv=**u8 argv_buf=*u8
            wasix_32v1 args_sizes_get ii:i ret0=*size ret1=*size
            wasix_32v1 bus_call iiiiii:i bid=bid topic_hash=&hash format=bus_data_format buf=u8s buf_len=count ret=*cid
            wasix_32v1 bus_close i:i bid=bid
            wasix_32v1 bus_open_local iiii:i name=string name_len=len reuse=bool ret=*bid
            wasix_32v1 bus_open_remote iiiiiiii:i name=string name_len=len reuse=bool instance=string instance_len=len token=string token_len=len ret=*bid
            wasix_32v1 bus_poll Iiii:i timeout=timestamp events=*bus_event nevents=size ret=*size
            wasix_32v1 bus_subcall Iiiiii:i parent=cid topic_hash=&hash format=bus_data_format buf=u8s buf_len=count ret=*cid
            wasix_32v1 call_close I: cid=cid
            wasix_32v1 call_dynamic iiiiii:i function_id=function_pointer values=u8s values_len=count results=*u8 results_len=pointersize strict=bool
            wasix_32v1 call_fault Ii: cid=cid fault=bus_error
            wasix_32v1 call_reply Iiii:i cid=cid format=bus_data_format buf=u8s buf_len=count
            wasix_32v1 callback_reactor ii: callback=string callback_len=len
            wasix_32v1 callback_signal ii: callback=string callback_len=len
            wasix_32v1 callback_thread ii: callback=string callback_len=len
            wasix_32v1 callback_thread_local_destroy ii: callback=string callback_len=len
            wasix_32v1 chdir ii:i path=string path_len=len
            wasix_32v1 clock_res_get ii:i id=clockid ret=*timestamp
            wasix_32v1 clock_time_get iIi:i id=clockid precision=timestamp ret=*timestamp
            wasix_32v1 clock_time_set iI:i id=clockid timestamp=timestamp
            wasix_32v1 closure_allocate i:i ret=*function_pointer
            wasix_32v1 closure_free i:i closure_id=function_pointer
            wasix_32v1 closure_prepare iiiiiii:i backing_function_id=function_pointer closure_id=function_pointer argument_types=wasm_value_types argument_types_len=count result_types=wasm_value_types result_types_len=count user_data_ptr=*u8
            wasix_32v1 context_create ii:i new_context_ptr=*context_id entrypoint=function_pointer
            wasix_32v1 context_destroy I:i context=context_id
            wasix_32v1 context_switch I:i next_context=context_id
            wasix_32v1 dl_invalid_handle i:i handle=dl_handle
            wasix_32v1 dlopen iiiiiiii:i path=string path_len=len flags=dl_flags err_buf=*u8 err_buf_len=size ld_library_path=string ld_library_path_len=len ret=*dl_handle
            wasix_32v1 dlsym iiiiii:i handle=dl_handle symbol=string symbol_len=len err_buf=*u8 err_buf_len=size ret=*size
            wasix_32v1 environ_get ii:i environ=**u8 environ_buf=*u8
            wasix_32v1 environ_sizes_get ii:i ret0=*size ret1=*size
            wasix_32v1 epoll_create i:i ret=*fd
            wasix_32v1 epoll_ctl iiii:i epfd=fd op=epoll_ctl fd=fd event=&epoll_event
            wasix_32v1 epoll_wait iiiIi:i epfd=fd event=*epoll_event maxevents=size timeout=timestamp ret=*size
            wasix_32v1 fd_advise iIIi:i fd=fd offset=filesize len=filesize advice=advice
            wasix_32v1 fd_allocate iII:i fd=fd offset=filesize len=filesize
            wasix_32v1 fd_close i:i fd=fd
            wasix_32v1 fd_datasync i:i fd=fd
            wasix_32v1 fd_dup ii:i fd=fd ret=*fd
            wasix_32v1 fd_dup2 iiii:i fd=fd min_result_fd=fd cloexec=bool ret=*fd
            wasix_32v1 fd_event Iii:i initial_val=u64 flags=eventfdflags ret=*fd
            wasix_32v1 fd_fdflags_get ii:i fd=fd ret=*fdflagsext
            wasix_32v1 fd_fdflags_set ii:i fd=fd flags=fdflagsext
            wasix_32v1 fd_fdstat_get ii:i fd=fd ret=*fdstat
            wasix_32v1 fd_fdstat_set_flags ii:i fd=fd flags=fdflags
            wasix_32v1 fd_fdstat_set_rights iII:i fd=fd fs_rights_base=rights fs_rights_inheriting=rights
            wasix_32v1 fd_filestat_get ii:i fd=fd ret=*filestat
            wasix_32v1 fd_filestat_set_size iI:i fd=fd size=filesize
            wasix_32v1 fd_filestat_set_times iIIi:i fd=fd atim=timestamp mtim=timestamp fst_flags=fstflags
            wasix_32v1 fd_pipe ii:i ret0=*fd ret1=*fd
            wasix_32v1 fd_pread iiiIi:i fd=fd iovs=iovecs iovs_len=count offset=filesize ret=*size
            wasix_32v1 fd_prestat_dir_name iii:i fd=fd path=*u8 path_len=pointersize
            wasix_32v1 fd_prestat_get ii:i fd=fd ret=*prestat
            wasix_32v1 fd_pwrite iiiIi:i fd=fd iovs=ciovecs iovs_len=count offset=filesize ret=*size
            wasix_32v1 fd_read iiii:i fd=fd iovs=iovecs iovs_len=count ret=*size
            wasix_32v1 fd_readdir iiiIi:i fd=fd buf=*u8 buf_len=pointersize cookie=dircookie ret=*size
            wasix_32v1 fd_renumber ii:i fd=fd to=fd
            wasix_32v1 fd_seek iIii:i fd=fd offset=filedelta whence=whence ret=*filesize
            wasix_32v1 fd_sync i:i fd=fd
            wasix_32v1 fd_tell ii:i fd=fd ret=*filesize
            wasix_32v1 fd_write iiii:i fd=fd iovs=ciovecs iovs_len=count ret=*size
            wasix_32v1 futex_wait iiii:i futex=*u32 expected=u32 timeout=&option_timestamp ret=*bool
            wasix_32v1 futex_wake ii:i futex=*u32 ret=*bool
            wasix_32v1 futex_wake_all ii:i futex=*u32 ret=*bool
            wasix_32v1 getcwd ii:i path=*u8 path_len=*pointersize
            wasix_32v1 http_request iiiiiiii:i url=string url_len=len method=string method_len=len headers=string headers_len=len gzip=bool ret=*http_handles
            wasix_32v1 http_status ii:i fd=fd status=*http_status
            wasix_32v1 path_create_directory iii:i fd=fd path=string path_len=len
            wasix_32v1 path_filestat_get iiiii:i fd=fd flags=lookupflags path=string path_len=len ret=*filestat
            wasix_32v1 path_filestat_set_times iiiiIIi:i fd=fd flags=lookupflags path=string path_len=len atim=timestamp mtim=timestamp fst_flags=fstflags
            wasix_32v1 path_link iiiiiii:i old_fd=fd old_flags=lookupflags old_path=string old_path_len=len new_fd=fd new_path=string new_path_len=len
            wasix_32v1 path_open iiiiiIIii:i fd=fd dirflags=lookupflags path=string path_len=len oflags=oflags fs_rights_base=rights fs_rights_inheriting=rights fdflags=fdflags ret=*fd
            wasix_32v1 path_open2 iiiiiIIiii:i fd=fd dirflags=lookupflags path=string path_len=len oflags=oflags fs_rights_base=rights fs_rights_inheriting=rights fdflags=fdflags fdflagsext=fdflagsext ret=*fd
            wasix_32v1 path_readlink iiiiii:i fd=fd path=string path_len=len buf=*u8 buf_len=pointersize ret=*size
            wasix_32v1 path_remove_directory iii:i fd=fd path=string path_len=len
            wasix_32v1 path_rename iiiiii:i fd=fd old_path=string old_path_len=len new_fd=fd new_path=string new_path_len=len
            wasix_32v1 path_symlink iiiii:i old_path=string old_path_len=len fd=fd new_path=string new_path_len=len
            wasix_32v1 path_unlink_file iii:i fd=fd path=string path_len=len
            wasix_32v1 poll_oneoff iiii:i in=&subscription out=*event nsubscriptions=size ret=*size
            wasix_32v1 port_addr_add i:i addr=&addr_cidr
            wasix_32v1 port_addr_clear :i
            wasix_32v1 port_addr_list ii:i addrs=*addr_cidr naddrs=*size
            wasix_32v1 port_addr_remove i:i addr=&addr
            wasix_32v1 port_bridge iiiii:i network=string network_len=len token=string token_len=len security=stream_security
            wasix_32v1 port_dhcp_acquire :i
            wasix_32v1 port_gateway_set i:i addr=&addr
            wasix_32v1 port_mac i:i ret=*hardware_address
            wasix_32v1 port_route_add iiii:i cidr=&addr_cidr via_router=&addr preferred_until=&option_timestamp expires_at=&option_timestamp
            wasix_32v1 port_route_clear :i
            wasix_32v1 port_route_list ii:i routes=*route nroutes=*size
            wasix_32v1 port_route_remove i:i cidr=&addr
            wasix_32v1 port_unbridge :i
            wasix_32v1 proc_exec iiii: name=string name_len=len args=string args_len=len
            wasix_32v1 proc_exec2 iiiiii: name=string name_len=len args=string args_len=len envs=string envs_len=len
            wasix_32v1 proc_exec3 iiiiiiiii:i name=string name_len=len args=string args_len=len envs=string envs_len=len search_path=bool path=string path_len=len
            wasix_32v1 proc_exit i: rval=exitcode
            wasix_32v1 proc_exit2 i: rval=exitcode
            wasix_32v1 proc_fork ii:i copy_memory=bool ret=*pid
            wasix_32v1 proc_fork_env i:i ret=*pid
            wasix_32v1 proc_id i:i ret=*pid
            wasix_32v1 proc_join ii:i pid=*pid ret=*exitcode
            wasix_32v1 proc_join iii:i pid=*option_pid flags=join_flags ret=*join_status
            wasix_32v1 proc_parent ii:i pid=pid ret=*pid
            wasix_32v1 proc_raise i:i sig=signal
            wasix_32v1 proc_raise_interval iIi:i sig=signal interval=timestamp repeat=bool
            wasix_32v1 proc_signal ii:i pid=pid signal=signal
            wasix_32v1 proc_signals_get i:i buf=*u8
            wasix_32v1 proc_signals_sizes_get i:i ret=*size
            wasix_32v1 proc_snapshot :i
            wasix_32v1 proc_spawn iiiiiiiiiiiii:i name=string name_len=len chroot=bool args=string args_len=len preopen=string preopen_len=len stdin=stdio_mode stdout=stdio_mode stderr=stdio_mode working_dir=string working_dir_len=len ret=*process_handles
            wasix_32v1 proc_spawn2 iiiiiiiiiiiiii:i name=string name_len=len args=string args_len=len envs=string envs_len=len fd_ops=proc_spawn_fd_ops fd_ops_len=count signal_dispositions=signal_dispositions signal_dispositions_len=count search_path=bool path=string path_len=len ret=*pid
            wasix_32v1 random_get ii:i buf=*u8 buf_len=pointersize
            wasix_32v1 reflect_signature iiiiii:i function_id=function_pointer argument_types=*wasm_value_type argument_types_len=u16 result_types=*wasm_value_type result_types_len=u16 ret=*reflection_result
            wasix_32v1 resolve iiiiii:i host=string host_len=len port=u16 addrs=*addr_ip naddrs=size ret=*size
            wasix_32v1 sched_yield :i
            wasix_32v1 sock_accept iiii:i fd=fd flags=fdflags ret0=*fd ret1=*addr_port
            wasix_32v1 sock_accept_v2 iiii:i fd=fd flags=fdflags ret0=*fd ret1=*addr_port
            wasix_32v1 sock_addr_local ii:i fd=fd ret=*addr_port
            wasix_32v1 sock_addr_peer ii:i fd=fd ret=*addr_port
            wasix_32v1 sock_bind ii:i fd=fd addr=&addr_port
            wasix_32v1 sock_connect ii:i fd=fd addr=&addr_port
            wasix_32v1 sock_get_opt_flag iii:i fd=fd sockopt=sock_option ret=*bool
            wasix_32v1 sock_get_opt_size iii:i fd=fd sockopt=sock_option ret=*filesize
            wasix_32v1 sock_get_opt_time iii:i fd=fd sockopt=sock_option ret=*option_timestamp
            wasix_32v1 sock_join_multicast_v4 iii:i fd=fd multiaddr=&addr_ip4 interface=&addr_ip4
            wasix_32v1 sock_join_multicast_v6 iii:i fd=fd multiaddr=&addr_ip6 interface=u32
            wasix_32v1 sock_leave_multicast_v4 iii:i fd=fd multiaddr=&addr_ip4 interface=&addr_ip4
            wasix_32v1 sock_leave_multicast_v6 iii:i fd=fd multiaddr=&addr_ip6 interface=u32
            wasix_32v1 sock_listen ii:i fd=fd backlog=size
            wasix_32v1 sock_open iiii:i af=address_family socktype=sock_type sock_proto=sock_proto ret=*fd
            wasix_32v1 sock_pair iiiii:i af=address_family socktype=sock_type sock_proto=sock_proto ret0=*fd ret1=*fd
            wasix_32v1 sock_recv iiiiii:i fd=fd ri_data=iovecs ri_data_len=count ri_flags=riflags ret0=*size ret1=*roflags
            wasix_32v1 sock_recv_from iiiiiii:i fd=fd ri_data=iovecs ri_data_len=count ri_flags=riflags ret0=*size ret1=*roflags ret2=*addr_port
            wasix_32v1 sock_send iiiii:i fd=fd si_data=ciovecs si_data_len=count si_flags=siflags ret=*size
            wasix_32v1 sock_send_file iiIIi:i out_fd=fd in_fd=fd offset=filesize count=filesize ret=*filesize
            wasix_32v1 sock_send_to iiiiii:i fd=fd si_data=ciovecs si_data_len=count si_flags=siflags addr=&addr_port ret=*size
            wasix_32v1 sock_set_opt_flag iii:i fd=fd sockopt=sock_option flag=bool
            wasix_32v1 sock_set_opt_size iiI:i fd=fd sockopt=sock_option size=filesize
            wasix_32v1 sock_set_opt_time iii:i fd=fd sockopt=sock_option timeout=&option_timestamp
            wasix_32v1 sock_shutdown ii:i fd=fd how=sdflags
            wasix_32v1 sock_status ii:i fd=fd ret=*sock_status
            wasix_32v1 stack_checkpoint ii:i snapshot=*stack_snapshot ret=*longsize
            wasix_32v1 stack_restore iI: snapshot=&stack_snapshot val=longsize
            wasix_32v1 thread_exit i: rval=exitcode
            wasix_32v1 thread_id i:i ret=*tid
            wasix_32v1 thread_join i:i tid=tid
            wasix_32v1 thread_local_create Ii:i user_data=u64 ret=*tl_key
            wasix_32v1 thread_local_destroy i:i key=tl_key
            wasix_32v1 thread_local_get ii:i key=tl_key ret=*tl_val
            wasix_32v1 thread_local_set iI:i key=tl_key val=tl_val
            wasix_32v1 thread_parallelism i:i ret=*size
            wasix_32v1 thread_signal ii:i tid=tid signal=signal
            wasix_32v1 thread_sleep I:i duration=timestamp
            wasix_32v1 thread_spawn IIIii:i user_data=u64 stack_base=u64 stack_start=u64 reactor=bool ret=*tid
            wasix_32v1 thread_spawn ii:i args=*thread_start ret=*tid
            wasix_32v1 thread_spawn_v2 ii:i args=*thread_start ret=*tid
            wasix_32v1 tty_get i:i state=*tty
            wasix_32v1 tty_set i:i state=*tty
            wasix_32v1 ws_connect iii:i url=string url_len=len ret=*fd
            """;

    /** The socket functions that other runtimes added to preview1. */
    static final String WASIP1_SOCKETS =
            """
            # The socket functions that other runtimes added to wasi_snapshot_preview1, which itself has no way to
            # open a socket. The format is that of ABI. Two generations share this table: the first has
            # addresses of 4 or 16 bytes, the second (_v2, and sock_recv_from with eight parameters) also records of
            # 128 bytes that begin with the family. Functions that preview1 has with the same type (sock_recv,
            # sock_send, sock_shutdown, sock_accept with three parameters) are in ABI.
            # Source: the crate wasmedge_wasi_socket 0.5.5.
            wasi_snapshot_preview1 sock_open iii:i af=u8 socktype=u8 ret=*fd
            wasi_snapshot_preview1 sock_open_v2 iii:i af=u8 socktype=u8 ret=*fd
            wasi_snapshot_preview1 sock_bind iii:i fd=fd addr=&wasi_address port=u32
            wasi_snapshot_preview1 sock_bind_v2 iii:i fd=fd addr=&wasi_address port=u32
            wasi_snapshot_preview1 sock_listen ii:i fd=fd backlog=size
            wasi_snapshot_preview1 sock_listen_v2 ii:i fd=fd backlog=size
            wasi_snapshot_preview1 sock_accept ii:i fd=fd ret=*fd
            wasi_snapshot_preview1 sock_accept_v2 iii:i fd=fd flags=fdflags ret=*fd
            wasi_snapshot_preview1 sock_connect iii:i fd=fd addr=&wasi_address port=u32
            wasi_snapshot_preview1 sock_connect_v2 iii:i fd=fd addr=&wasi_address port=u32
            wasi_snapshot_preview1 sock_recv_v2 iiiiii:i fd=fd ri_data=iovecs ri_data_len=count ri_flags=riflags ret0=*size ret1=*roflags
            wasi_snapshot_preview1 sock_recv_from iiiiiii:i fd=fd ri_data=iovecs ri_data_len=count addr=&wasi_address ri_flags=riflags ret0=*size ret1=*roflags
            wasi_snapshot_preview1 sock_recv_from iiiiiiii:i fd=fd ri_data=iovecs ri_data_len=count addr=&wasi_address ri_flags=riflags port=*u32 ret0=*size ret1=*roflags
            wasi_snapshot_preview1 sock_recv_from_v2 iiiiiiii:i fd=fd ri_data=iovecs ri_data_len=count addr=&wasi_address ri_flags=riflags port=*u32 ret0=*size ret1=*roflags
            wasi_snapshot_preview1 sock_send_v2 iiiii:i fd=fd si_data=ciovecs si_data_len=count si_flags=siflags ret=*size
            wasi_snapshot_preview1 sock_send_to iiiiiii:i fd=fd si_data=ciovecs si_data_len=count addr=&wasi_address port=u32 si_flags=siflags ret=*size
            wasi_snapshot_preview1 sock_send_to_v2 iiiiiii:i fd=fd si_data=ciovecs si_data_len=count addr=&wasi_address port=u32 si_flags=siflags ret=*size
            wasi_snapshot_preview1 sock_getlocaladdr iiii:i fd=fd addr=&wasi_address addr_type=*u32 port=*u32
            wasi_snapshot_preview1 sock_getlocaladdr_v2 iii:i fd=fd addr=&wasi_address port=*u32
            wasi_snapshot_preview1 sock_getpeeraddr iiii:i fd=fd addr=&wasi_address addr_type=*u32 port=*u32
            wasi_snapshot_preview1 sock_getpeeraddr_v2 iii:i fd=fd addr=&wasi_address port=*u32
            wasi_snapshot_preview1 sock_getsockopt iiiii:i fd=fd level=u32 name=u32 value=*u8 len=*size
            wasi_snapshot_preview1 sock_setsockopt iiiii:i fd=fd level=u32 name=u32 value=u8s len=len
            wasi_snapshot_preview1 sock_getaddrinfo iiiiiiii:i node=string node_len=len service=string service_len=len hints=&wasi_addrinfo res=&pointer max_len=u32 res_len=*size
            wasi_snapshot_preview1 epoll_oneoff iiii:i in=&subscription out=*event nsubscriptions=size ret=*size
            """;

    /** What WASIX has got since the WITX files that {@link #ABI} holds. */
    static final String YOUNGER =
            """
            # Functions that WASIX has got since the WITX files that ABI holds. The form is the same.
            # proc_raise_interval2 has two types about: with two itimerval records, and with the times themselves.
            wasix_32v1 proc_exec4 iiiiiiiii:i name=string name_len=len args=&strings args_len=count envs=&strings envs_len=count search_path=bool path=string path_len=len
            wasix_32v1 proc_raise_interval2 iii:i sig=signal new=&itimerval old=*itimerval
            wasix_32v1 proc_raise_interval2 iIIi:i sig=signal initial=timestamp interval=timestamp repeat=bool
            wasix_32v1 proc_spawn3 iiiiiiiiiiiiii:i name=string name_len=len args=&strings args_len=count envs=&strings envs_len=count fd_ops=proc_spawn_fd_ops fd_ops_len=count signal_dispositions=signal_dispositions signal_dispositions_len=count search_path=bool path=string path_len=len ret=*pid
            wasix_32v1 sock_recv_msg iiiiiiiiii:i fd=fd ri_data=iovecs ri_data_len=count ri_flags=riflags addr=*addr_port ro_control=buffer ro_control_len=size ret0=*size ret1=*roflags ret2=*size
            wasix_32v1 sock_send_msg iiiiiiii:i fd=fd si_data=ciovecs si_data_len=count si_flags=siflags addr=&addr_port si_control=buffer si_control_len=size ret=*size
            """;

    private SignatureTables() {}
}
