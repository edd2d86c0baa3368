// A QUIC server and client for the tests (tests/spec/udp.py), with the QUIC library that Debian has.
//
//	quic_peer serve 198.19.0.1:4433          echoes every stream
//	quic_peer ask 127.0.0.1:5000 1000000     sends so many bytes on each of 3 streams, and compares
package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"math/big"
	"os"
	"strconv"
	"time"

	quic "github.com/lucas-clemente/quic-go"
)

const protocol = "airlane-test"

func certificate() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func serve(address string) {
	config := &tls.Config{Certificates: []tls.Certificate{certificate()}, NextProtos: []string{protocol}}
	listener, err := quic.ListenAddr(address, config, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening")
	for {
		connection, err := listener.Accept(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			for {
				stream, err := connection.AcceptStream(context.Background())
				if err != nil {
					return
				}
				go func() {
					io.Copy(stream, stream)
					stream.Close()
				}()
			}
		}()
	}
}

func ask(address string, size int) {
	config := &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}}
	connection, err := quic.DialAddr(address, config, nil)
	if err != nil {
		log.Fatal(err)
	}
	for i := 0; i < 3; i++ {
		sent := make([]byte, size)
		rand.Read(sent)
		stream, err := connection.OpenStreamSync(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			stream.Write(sent)
			stream.Close()
		}()
		received, err := io.ReadAll(stream)
		if err != nil || !bytes.Equal(sent, received) {
			log.Fatal("not what was sent: ", len(received), err)
		}
		fmt.Println("stream", i, "is whole:", len(received))
	}
}

func main() {
	if os.Args[1] == "serve" {
		serve(os.Args[2])
		return
	}
	size, _ := strconv.Atoi(os.Args[3])
	ask(os.Args[2], size)
}
