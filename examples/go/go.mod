module wasix4j.org/examples/go

go 1.24
