module example.com/payments

go 1.26

toolchain go1.26.8

require (
	github.com/dgrijalva/jwt-go v3.2.0+incompatible
	github.com/gorilla/websocket v1.4.0
	github.com/lib/pq v1.10.9
	golang.org/x/text v0.3.7
	gopkg.in/yaml.v2 v2.2.7
)
