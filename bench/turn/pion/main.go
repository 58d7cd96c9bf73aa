// The relay that people write with pion/turn: long-term credentials, UDP and TCP at one port. PORT, USER and PASSWORD tell which.
package main

import (
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/pion/turn/v2"
)

func main() {
	const host, realm = "127.0.0.1", "bench"
	address := net.JoinHostPort(host, os.Getenv("PORT"))
	datagrams, err := net.ListenPacket("udp4", address)
	if err != nil {
		log.Fatal(err)
	}
	streams, err := net.Listen("tcp4", address)
	if err != nil {
		log.Fatal(err)
	}
	name, key := os.Getenv("USER"), turn.GenerateAuthKey(os.Getenv("USER"), realm, os.Getenv("PASSWORD"))
	relays := &turn.RelayAddressGeneratorStatic{RelayAddress: net.ParseIP(host), Address: host}
	server, err := turn.NewServer(turn.ServerConfig{
		Realm: realm,
		AuthHandler: func(user, _ string, _ net.Addr) ([]byte, bool) {
			return key, user == name
		},
		PacketConnConfigs: []turn.PacketConnConfig{{PacketConn: datagrams, RelayAddressGenerator: relays}},
		ListenerConfigs:   []turn.ListenerConfig{{Listener: streams, RelayAddressGenerator: relays}},
	})
	if err != nil {
		log.Fatal(err)
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM)
	<-asked
	if err := server.Close(); err != nil {
		log.Fatal(err)
	}
}
