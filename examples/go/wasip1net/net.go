//go:build wasip1

// Package wasip1net opens TCP sockets in a Go program for GOOS=wasip1, which has no way to of its own. It imports the
// socket functions that WasmEdge and others added to wasi_snapshot_preview1. What it returns are ordinary listeners and
// connections of package net, which wait in Go's own poller: a goroutine that waits does not stop the others.
package wasip1net

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"structs"
	"syscall"
	"unsafe"
)

const (
	familyInet4 = 1
	familyInet6 = 2
	typeStream  = 2

	levelSocket = 0
	optionError = 2

	backlog = 4096
)

// address is wasi_address: where the octets are, in 32 bits, and how many there are.
type address struct {
	_     structs.HostLayout
	bytes uint32
	size  uint32
}

//go:wasmimport wasi_snapshot_preview1 sock_open
//go:noescape
func sockOpen(family uint32, kind uint32, fd *uint32) syscall.Errno

//go:wasmimport wasi_snapshot_preview1 sock_bind
//go:noescape
func sockBind(fd uint32, addr *address, port uint32) syscall.Errno

//go:wasmimport wasi_snapshot_preview1 sock_listen
//go:noescape
func sockListen(fd uint32, backlog uint32) syscall.Errno

//go:wasmimport wasi_snapshot_preview1 sock_connect
//go:noescape
func sockConnect(fd uint32, addr *address, port uint32) syscall.Errno

//go:wasmimport wasi_snapshot_preview1 sock_getlocaladdr
//go:noescape
func sockGetLocalAddr(fd uint32, addr *address, kind *uint32, port *uint32) syscall.Errno

//go:wasmimport wasi_snapshot_preview1 sock_getpeeraddr
//go:noescape
func sockGetPeerAddr(fd uint32, addr *address, kind *uint32, port *uint32) syscall.Errno

//go:wasmimport wasi_snapshot_preview1 sock_getsockopt
//go:noescape
func sockGetOpt(fd uint32, level uint32, name uint32, value *uint32, size *uint32) syscall.Errno

// Listen listens on a literal address such as 127.0.0.1:8080 or [::1]:0.
func Listen(hostPort string) (net.Listener, error) {
	addr, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	fd, err := open(addr.Addr())
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: err}
	}
	errno := withAddress(addr, func(record *address, port uint32) syscall.Errno {
		return sockBind(fd, record, port)
	})
	if errno == 0 {
		errno = sockListen(fd, backlog)
	}
	if errno != 0 {
		syscall.Close(int(fd))
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: net.TCPAddrFromAddrPort(addr), Err: errno}
	}
	file := os.NewFile(uintptr(fd), hostPort)
	defer file.Close()
	plain, err := net.FileListener(file)
	if err != nil {
		return nil, err
	}
	local, err := addressOf(plain.(syscall.Conn), sockGetLocalAddr)
	if err != nil {
		plain.Close()
		return nil, err
	}
	return &listener{plain, net.TCPAddrFromAddrPort(local)}, nil
}

// listener knows its address, which Go's own for wasip1 does not.
type listener struct {
	net.Listener
	local net.Addr
}

func (l *listener) Addr() net.Addr { return l.local }

func (l *listener) Accept() (net.Conn, error) {
	plain, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return withAddresses(plain), nil
}

// conn knows the addresses of both ends. They are unspecified when the connection ended before they were asked for.
type conn struct {
	net.Conn
	local, remote net.Addr
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func withAddresses(plain net.Conn) net.Conn {
	raw, ok := plain.(syscall.Conn)
	if !ok {
		return plain
	}
	local, _ := addressOf(raw, sockGetLocalAddr)
	remote, _ := addressOf(raw, sockGetPeerAddr)
	return &conn{plain, net.TCPAddrFromAddrPort(local), net.TCPAddrFromAddrPort(remote)}
}

type addressCall func(fd uint32, addr *address, kind *uint32, port *uint32) syscall.Errno

func addressOf(of syscall.Conn, ask addressCall) (netip.AddrPort, error) {
	raw, err := of.SyscallConn()
	if err != nil {
		return netip.AddrPort{}, err
	}
	var errno syscall.Errno
	var octets [16]byte
	var kind, port uint32
	err = raw.Control(func(fd uintptr) {
		record := address{bytes: uint32(uintptr(unsafe.Pointer(&octets[0]))), size: 16}
		errno = ask(uint32(fd), &record, &kind, &port)
		runtime.KeepAlive(&octets)
	})
	if err == nil && errno != 0 {
		err = errno
	}
	if err != nil {
		return netip.AddrPort{}, err
	}
	if kind == 4 {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(octets[:4])), uint16(port)), nil
	}
	return netip.AddrPortFrom(netip.AddrFrom16(octets), uint16(port)), nil
}

// Dial connects to a literal address.
func Dial(hostPort string) (net.Conn, error) {
	addr, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	fd, err := open(addr.Addr())
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}
	errno := withAddress(addr, func(record *address, port uint32) syscall.Errno {
		return sockConnect(fd, record, port)
	})
	if errno != 0 && errno != syscall.EINPROGRESS {
		syscall.Close(int(fd))
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(addr), Err: errno}
	}
	file := os.NewFile(uintptr(fd), hostPort)
	defer file.Close()
	plain, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	if err := established(plain); err != nil {
		plain.Close()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: net.TCPAddrFromAddrPort(addr), Err: err}
	}
	return withAddresses(plain), nil
}

// established waits in Go's poller until the connection attempt has ended.
func established(plain net.Conn) error {
	raw, err := plain.(syscall.Conn).SyscallConn()
	if err != nil {
		return err
	}
	var failed syscall.Errno
	waited := false
	err = raw.Write(func(fd uintptr) bool {
		if !waited {
			waited = true
			return false
		}
		var value uint32
		size := uint32(4)
		if failed = sockGetOpt(uint32(fd), levelSocket, optionError, &value, &size); failed == 0 {
			failed = syscall.Errno(value)
		}
		return true
	})
	if err == nil && failed != 0 {
		err = failed
	}
	return err
}

// open returns a stream socket that does not block.
func open(addr netip.Addr) (uint32, error) {
	family := uint32(familyInet6)
	if addr.Is4() {
		family = familyInet4
	}
	var fd uint32
	if errno := sockOpen(family, typeStream, &fd); errno != 0 {
		return 0, errno
	}
	if err := syscall.SetNonblock(int(fd), true); err != nil {
		syscall.Close(int(fd))
		return 0, err
	}
	return fd, nil
}

func withAddress(addr netip.AddrPort, call func(record *address, port uint32) syscall.Errno) syscall.Errno {
	octets := addr.Addr().AsSlice()
	record := address{bytes: uint32(uintptr(unsafe.Pointer(&octets[0]))), size: uint32(len(octets))}
	errno := call(&record, uint32(addr.Port()))
	runtime.KeepAlive(octets)
	return errno
}
