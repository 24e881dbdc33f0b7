//go:build wasip1

// An HTTP server in Go for wasip1. Build and run:
//
//	GOOS=wasip1 GOARCH=wasm go build -o hello.wasm .
//	wasix-run --net hello.wasm 127.0.0.1:8080
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"os"

	"wasix4j.org/examples/go/wasip1net"
)

func main() {
	where := "127.0.0.1:8080"
	if len(os.Args) > 1 {
		where = os.Args[1]
	}
	listener, err := wasip1net.Listen(where)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())

	http.HandleFunc("GET /", func(answer http.ResponseWriter, request *http.Request) {
		fmt.Fprintf(answer, "hello, %s\n", request.RemoteAddr)
	})
	http.HandleFunc("POST /length", func(answer http.ResponseWriter, request *http.Request) {
		length, err := io.Copy(io.Discard, request.Body)
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintf(answer, "%d\n", length)
	})
	http.HandleFunc("GET /proxy/{address}", func(answer http.ResponseWriter, request *http.Request) {
		conn, err := wasip1net.Dial(request.PathValue("address"))
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadGateway)
			return
		}
		defer conn.Close()
		io.Copy(answer, conn)
	})
	log.Fatal(http.Serve(listener, nil))
}
