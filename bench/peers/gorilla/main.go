// A relay as a Go programmer writes it: `/ws?room=…&id=…`, and messages to one peer of the room, the sender's id set by the
// server. One goroutine reads and one writes for each connection.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	queueLength  = 256
	writeTimeout = 10 * time.Second
	maxMessage   = 256 * 1024
)

type SignalMessage struct {
	Type    string          `json:"type"`
	From    string          `json:"from"`
	To      string          `json:"to"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

type Peer struct {
	id    string
	room  *Room
	conn  *websocket.Conn
	queue chan *SignalMessage
	gone  chan struct{}
}

type Room struct {
	code  string
	mutex sync.RWMutex
	peers map[string]*Peer
}

var (
	upgrader = websocket.Upgrader{
		CheckOrigin:     func(*http.Request) bool { return true },
		WriteBufferPool: &sync.Pool{}, // idle connections hold no buffer to write from
	}
	mutex sync.Mutex
	rooms = map[string]*Room{}
)

// send never waits: a peer that does not read is let go.
func (peer *Peer) send(message *SignalMessage) {
	select {
	case peer.queue <- message:
	default:
		peer.conn.Close()
	}
}

func (peer *Peer) write() {
	for {
		select {
		case message := <-peer.queue:
			peer.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
			if peer.conn.WriteJSON(message) != nil {
				peer.conn.Close()
				return
			}
		case <-peer.gone:
			return
		}
	}
}

func (peer *Peer) read() {
	for {
		var message SignalMessage
		if peer.conn.ReadJSON(&message) != nil {
			return
		}
		if target := peer.room.find(message.To); target != nil {
			message.From = peer.id
			target.send(&message)
		}
	}
}

func (room *Room) find(id string) *Peer {
	room.mutex.RLock()
	defer room.mutex.RUnlock()
	return room.peers[id]
}

func (room *Room) tell(kind string, about *Peer) {
	for id, peer := range room.peers {
		if peer != about {
			peer.send(&SignalMessage{Type: kind, From: about.id, To: id})
		}
	}
}

// join fails if somebody of that id is there.
func join(peer *Peer, code string) bool {
	mutex.Lock()
	defer mutex.Unlock()
	room := rooms[code]
	if room == nil {
		room = &Room{code: code, peers: map[string]*Peer{}}
		rooms[code] = room
	}
	room.mutex.Lock()
	defer room.mutex.Unlock()
	if room.peers[peer.id] != nil {
		return false
	}
	peer.room = room
	room.peers[peer.id] = peer
	room.tell("joined", peer)
	return true
}

func leave(peer *Peer) {
	mutex.Lock()
	defer mutex.Unlock()
	room := peer.room
	room.mutex.Lock()
	defer room.mutex.Unlock()
	delete(room.peers, peer.id)
	room.tell("left", peer)
	if len(room.peers) == 0 {
		delete(rooms, room.code)
	}
}

func handleWebSocket(response http.ResponseWriter, request *http.Request) {
	conn, err := upgrader.Upgrade(response, request, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	conn.SetReadLimit(maxMessage)
	query := request.URL.Query()
	code, id := query.Get("room"), query.Get("id")
	peer := &Peer{id: id, conn: conn, queue: make(chan *SignalMessage, queueLength), gone: make(chan struct{})}
	if code == "" || id == "" || !join(peer, code) {
		return
	}
	defer close(peer.gone)
	defer leave(peer)
	go peer.write()
	peer.read()
}

func main() {
	http.HandleFunc("/ws", handleWebSocket)
	http.HandleFunc("/", func(response http.ResponseWriter, _ *http.Request) { response.Write([]byte("ok")) })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
