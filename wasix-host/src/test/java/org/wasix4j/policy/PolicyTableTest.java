package org.wasix4j.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasix4j.types.InetAddr;
import org.wasix4j.types.SocketAddr;
import org.wasix4j.types.UnixAddr;

/** Rules, what is asked of them, and the answer: a row each. */
class PolicyTableTest {

    /** Bind, listen, connect and send: one address. */
    @ParameterizedTest(name = "[{0}] {1} {2}: {3}")
    @DisplayName("one address")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    # rules                                     | asked   | address                     | answer
                    # --- nothing is allowed that no rule allows
                    ipv4:allow=127.0.0.1:80                     | connect | 127.0.0.1:80                | yes
                    ipv4:allow=127.0.0.1:80                     | connect | 127.0.0.1:81                | no
                    ipv4:allow=127.0.0.1:80                     | connect | 127.0.0.2:80                | no
                    ipv4:allow=127.0.0.1:80                     | connect | [::1]:80                    | no
                    ipv4:allow=127.0.0.1:80                     | bind    | 127.0.0.1:80                | yes
                    ipv4:allow=127.0.0.1:80                     | listen  | 127.0.0.1:80                | yes
                    dns:allow=*:*                               | connect | 8.8.8.8:53                  | no
                    # --- directions
                    ipv4:allow=127.0.0.1:80/in                  | connect | 127.0.0.1:80                | no
                    ipv4:allow=127.0.0.1:80/in                  | bind    | 127.0.0.1:80                | yes
                    ipv4:allow=127.0.0.1:80/out                 | bind    | 127.0.0.1:80                | no
                    ipv4:allow=127.0.0.1:80/out                 | send    | 127.0.0.1:80                | yes
                    ipv4:allow=*:*, ipv4:deny=*:*/in            | connect | 1.2.3.4:5                   | yes
                    ipv4:allow=*:*, ipv4:deny=*:*/in            | bind    | 1.2.3.4:5                   | no
                    # --- ports: lists, ranges, the system's choice
                    ipv4:allow=*:{80,443}                       | connect | 1.2.3.4:443                 | yes
                    ipv4:allow=*:{80,443}                       | connect | 1.2.3.4:444                 | no
                    ipv4:allow=*:8000-8099                      | connect | 1.2.3.4:8000                | yes
                    ipv4:allow=*:8000-8099                      | connect | 1.2.3.4:8099                | yes
                    ipv4:allow=*:8000-8099                      | connect | 1.2.3.4:8100                | no
                    ipv4:allow=*:{1-3,5,8-9}                    | connect | 1.2.3.4:4                   | no
                    ipv4:allow=*:{1-3,5,8-9}                    | connect | 1.2.3.4:9                   | yes
                    ipv4:allow=*:80-80                          | connect | 1.2.3.4:80                  | yes
                    ipv4:allow=*:{20-30,25-40,10}               | connect | 1.2.3.4:10                  | yes
                    ipv4:allow=*:{20-30,25-40,10}               | connect | 1.2.3.4:40                  | yes
                    ipv4:allow=*:{20-30,25-40,10}               | connect | 1.2.3.4:41                  | no
                    ipv4:allow=*:{20-30,32-40}                  | connect | 1.2.3.4:31                  | no
                    ipv4:allow=*:{2001-65535,1024-2000}/in      | bind    | 127.0.0.1:0                 | yes
                    ipv4:allow=*:{2002-65535,1024-2000}/in      | bind    | 127.0.0.1:0                 | no
                    ipv4:allow=*:*                              | bind    | 127.0.0.1:0                 | yes
                    ipv4:allow=*:0/in                           | bind    | 127.0.0.1:0                 | yes
                    ipv4:allow=*:1024-65535/in                  | bind    | 127.0.0.1:0                 | yes
                    ipv4:allow=*:8080/in                        | bind    | 127.0.0.1:0                 | no
                    ipv4:allow=*:2000-65535/in                  | bind    | 127.0.0.1:0                 | no
                    # --- blocks and lists of hosts
                    ipv4:allow=10.0.0.0/8:*                     | connect | 10.255.1.2:1                | yes
                    ipv4:allow=10.0.0.0/8:*                     | connect | 11.0.0.0:1                  | no
                    ipv4:allow=10.1.2.3/8:*                     | connect | 10.9.9.9:1                  | yes
                    ipv4:allow=1.2.3.4/32:*                     | connect | 1.2.3.5:1                   | no
                    ipv4:allow=0.0.0.0/0:*                      | connect | 200.1.1.1:1                 | yes
                    ipv4:allow={10.0.0.1,192.168.0.0/16}:{1,2}  | connect | 192.168.7.7:2               | yes
                    ipv4:allow={10.0.0.1,192.168.0.0/16}:{1,2}  | connect | 10.0.0.2:1                  | no
                    ipv6:allow=fd00::/8:*                       | connect | [fdff:ffff::1]:1            | yes
                    ipv6:allow=fd00::/8:*                       | connect | [fc00::1]:1                 | no
                    ipv6:allow=[2600:1:2:3::]/63:*              | connect | [2600:1:2:2:f::1]:1         | yes
                    ipv6:allow=[2600:1:2:3::]/63:*              | connect | [2600:1:2:4::1]:1           | no
                    ipv6:allow=[2600:1:2:3::1]/64:*             | connect | [2600:1:2:3:f::2]:1         | yes
                    ipv6:allow=[2600:1:2:3::1]/64:*             | connect | [2600:1:2:2::1]:1           | no
                    ipv6:allow=[2600:1:2:3::]/65:*              | connect | [2600:1:2:3:7fff::1]:1      | yes
                    ipv6:allow=[2600:1:2:3::]/65:*              | connect | [2600:1:2:3:8000::1]:1      | no
                    ipv6:allow=[2600::1]/127:*                  | connect | [2600::]:1                  | yes
                    ipv6:allow=[2600::1]/127:*                  | connect | [2600::2]:1                 | no
                    ipv6:allow=[AF09:af::]:*                    | connect | [af09:AF::]:1               | yes
                    ipv6:allow=2001:db8::/32:*                  | connect | [2001:db8:1::5]:9           | yes
                    ipv6:allow=2001:db8::/32:*                  | connect | [2001:db9::5]:9             | no
                    ipv6:allow=2001:db8::/96:*                  | connect | [2001:db8::1:0:0]:9         | no
                    ipv6:allow=[2001:db8::1]:80                 | connect | [2001:db8::1]:80            | yes
                    ipv6:allow=[2001:db8::1]:80                 | connect | [2001:db8::2]:80            | no
                    # --- a denial wins, wherever it stands
                    ipv4:allow=*:*,ipv4:deny=10.0.0.0/8:*       | connect | 10.0.0.1:80                 | no
                    ipv4:deny=10.0.0.0/8:*,ipv4:allow=*:*       | connect | 10.0.0.1:80                 | no
                    ipv4:deny=10.0.0.0/8:22,ipv4:allow=*:*      | connect | 10.0.0.1:80                 | yes
                    ipv4:deny=*:*                               | connect | 10.0.0.1:80                 | no
                    # --- the wildcards reach loopback; to bind one is to bind all
                    ipv4:allow=127.0.0.1:80                     | connect | 0.0.0.0:80                  | yes
                    ipv6:allow=[::1]:80                         | connect | [::]:80                     | yes
                    ipv6:allow={[::2],loopback}:*               | connect | [::1]:80                    | yes
                    ipv6:allow={[::2],loopback}:*               | connect | [::2]:80                    | yes
                    ipv6:allow={[::2],loopback}:*               | connect | [::3]:80                    | no
                    ipv4:allow=*:*,ipv4:deny=loopback:*         | connect | 0.0.0.0:80                  | no
                    ipv6:allow=*:*,ipv6:deny=loopback:*         | connect | [::]:80                     | no
                    ipv4:allow=*:*,ipv4:deny=loopback:*         | connect | [::ffff:0.0.0.0]:80         | no
                    ipv4:allow=0.0.0.0:80                       | connect | 0.0.0.0:80                  | no
                    ipv4:allow=127.0.0.1:80/in                  | bind    | 0.0.0.0:80                  | no
                    ipv4:allow=0.0.0.0:80/in                    | bind    | 0.0.0.0:80                  | yes
                    ipv4:allow=*:80/in                          | bind    | 0.0.0.0:80                  | yes
                    ipv4:allow=*:80/in                          | bind    | [::]:80                     | no
                    ipv6:allow=*:80/in                          | bind    | [::]:80                     | yes
                    # --- IPv4 in the clothes of IPv6
                    ipv4:allow=10.0.0.1:80                      | connect | [::ffff:10.0.0.1]:80        | yes
                    ipv4:allow=10.0.0.1:80                      | connect | [::10.0.0.1]:80             | yes
                    ipv4:allow=10.0.0.1:80                      | connect | [64:ff9b::10.0.0.1]:80      | yes
                    ipv6:allow=*:*                              | connect | [::ffff:10.0.0.1]:80        | no
                    ipv6:allow=*:*                              | connect | [::10.0.0.1]:80             | no
                    ipv6:allow=*:*                              | connect | [64:ff9b::10.0.0.1]:80      | no
                    ipv6:allow=*:*                              | connect | [64:ff9b::1:10.0.0.1]:80    | yes
                    ipv6:allow=[64:ff9b::]/96:*                 | connect | [64:ff9b::10.0.0.1]:80      | yes
                    ipv4:allow=*:*,ipv4:deny=10.0.0.1:*         | connect | [::ffff:10.0.0.1]:80        | no
                    ipv4:allow=*:*,ipv4:deny=10.0.0.1:*         | connect | [::10.0.0.1]:80             | no
                    ipv4:allow=*:*,ipv4:deny=10.0.0.1:*         | connect | [64:ff9b::10.0.0.1]:80      | no
                    ipv4:allow=*:*,ipv6:deny=*:*                | connect | [::ffff:10.0.0.1]:80        | yes
                    ipv4:allow=*:*,ipv6:deny=*:*                | connect | [64:ff9b::10.0.0.1]:80      | no
                    ipv4:allow=*:*,ipv6:deny=[::ffff:0:0]/96:*  | connect | [::ffff:10.0.0.1]:80        | no
                    ipv4:allow=127.0.0.1:80/in                  | bind    | [::ffff:127.0.0.1]:80       | yes
                    ipv4:allow=10.0.0.0/8:*                     | connect | [::1]:80                    | no
                    # --- scope ids play no part
                    ipv6:allow=[fe80::1]:80                     | connect | [fe80::1%7]:80              | yes
                    ipv6:allow=*:*,ipv6:deny=fe80::/10:*        | connect | [fe80::1%7]:80              | no
                    # --- classes
                    loopback                                    | connect | [2600::1]:80                | no
                    private                                     | connect | [2600::1]:80                | no
                    ipv6:allow=loopback:*                       | connect | [fd00::1]:80                | no
                    loopback                                    | connect | 127.9.9.9:1                 | yes
                    loopback                                    | connect | [::1]:1                     | yes
                    loopback                                    | bind    | 127.0.0.1:0                 | yes
                    loopback                                    | bind    | 0.0.0.0:80                  | no
                    loopback:8080/in                            | bind    | [::1]:8080                  | yes
                    loopback:8080/in                            | connect | [::1]:8080                  | no
                    loopback:{80,8080}                          | connect | 127.0.0.1:81                | no
                    private                                     | connect | 172.31.255.255:1            | yes
                    private                                     | connect | 172.32.0.0:1                | no
                    private                                     | connect | [fd12::1]:1                 | yes
                    private                                     | connect | 169.254.169.254:80          | no
                    private                                     | connect | 127.0.0.1:80                | no
                    public                                      | connect | 8.8.8.8:53                  | yes
                    public                                      | connect | [2606:4700::1111]:53        | yes
                    public                                      | connect | 10.0.0.1:53                 | no
                    public                                      | connect | 169.254.169.254:80          | no
                    public                                      | connect | 100.64.0.1:80               | no
                    public                                      | connect | 255.255.255.255:80          | no
                    public                                      | connect | [ff02::1]:80                | no
                    public                                      | connect | [fe80::1]:80                | no
                    public                                      | connect | [2002:a00:1::]:80           | no
                    public                                      | connect | [64:ff9b::8.8.8.8]:53       | yes
                    public                                      | connect | [64:ff9b::10.0.0.1]:53      | no
                    public,ipv4:deny=8.8.0.0/16:*               | connect | [64:ff9b::8.8.8.8]:53       | no
                    ipv4:allow=*:*,ipv4:deny=private:*/out      | connect | 192.168.1.1:80              | no
                    # --- unix sockets
                    unix:allow=/run/a.sock                      | connect | unix:/run/a.sock            | yes
                    unix:allow=/run/a.sock                      | connect | unix:/run/b.sock            | no
                    unix:allow=/run/*.sock                      | connect | unix:/run/b.sock            | yes
                    unix:allow=/run/*.sock                      | connect | unix:/run/x/b.sock          | no
                    unix:allow=/run/**                          | connect | unix:/run/x/b.sock          | yes
                    unix:allow=/run/?.sock                      | connect | unix:/run/ab.sock           | no
                    unix:allow=/run/?.sock                      | connect | unix:/run/a.sock            | yes
                    unix:allow=/run?a                           | connect | unix:/run/a                 | no
                    unix:allow=/run/**                          | connect | unix:/run/../etc/s          | no
                    unix:allow=/run/**                          | connect | unix:/run/./a               | no
                    unix:allow=/run/**                          | connect | unix:run/a                  | no
                    unix:allow=*                                | connect | unix:/any/where             | yes
                    unix:allow=/run/a.sock;in                   | bind    | unix:/run/a.sock            | yes
                    unix:allow=/run/a.sock;in                   | connect | unix:/run/a.sock            | no
                    unix:allow={/run/a,/tmp/**};out             | connect | unix:/tmp/x/y               | yes
                    unix:allow=/**,unix:deny=/run/a             | connect | unix:/run/a                 | no
                    unix:allow=*,unix:deny=/run/a               | connect | unix:/run/x/../a            | no
                    ipv4:allow=*:*,ipv6:allow=*:*               | connect | unix:/run/a                 | no
                    unix:allow=*                                | connect | 127.0.0.1:80                | no
                    """)
    void one_address(String rules, String asked, String address, String answer) {
        NetworkOperation operation =
                switch (asked) {
                    case "bind" -> NetworkOperation.BIND;
                    case "listen" -> NetworkOperation.LISTEN;
                    case "connect" -> NetworkOperation.CONNECT;
                    default -> NetworkOperation.SEND_TO;
                };
        Decision decision =
                NetworkPolicy.parse(rules).openSession().check(operation, address(address));
        assertThat(decision.allowed()).as(decision.toString()).isEqualTo(answer.equals("yes"));
    }

    /** Accept and receive: a local address, and a peer. */
    @ParameterizedTest(name = "[{0}] {1} from {3} at {2}: {4}")
    @DisplayName("a peer")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    # rules                                       | asked   | local              | peer                    | answer
                    ipv4:allow=127.0.0.1:80/in                    | accept  | 127.0.0.1:80       | 127.0.0.1:5555          | yes
                    ipv4:allow=*:80/in                            | accept  | 10.0.0.1:80        | 8.8.8.8:5555            | yes
                    ipv4:allow=*:80/in,ipv4:deny=public:*/in      | accept  | 10.0.0.1:80        | 8.8.8.8:5555            | no
                    ipv4:allow=*:80/in,ipv4:deny=public:*/in      | accept  | 10.0.0.1:80        | 10.0.0.2:5555           | yes
                    ipv4:allow=*:80/in,ipv4:deny=public:*/out     | accept  | 10.0.0.1:80        | 8.8.8.8:5555            | yes
                    ipv4:allow=*:*,ipv4:deny=public:22/in         | accept  | 10.0.0.1:22        | 8.8.8.8:5555            | no
                    ipv4:allow=*:*,ipv4:deny=public:22/in         | accept  | 10.0.0.1:80        | 8.8.8.8:22              | yes
                    ipv4:allow=*:*,ipv4:deny=loopback:*/in        | accept  | 127.0.0.1:80       | 10.0.0.1:5555           | no
                    ipv6:allow=*:80/in                            | accept  | [2001:db8::1]:80   | [2001:db8::2]:5555      | yes
                    ipv6:allow=*:80/in                            | accept  | [::ffff:10.0.0.1]:80 | [::ffff:10.0.0.2]:555 | no
                    ipv6:allow=*:80/in,ipv4:allow=*:80/in         | accept  | [::ffff:10.0.0.1]:80 | [::ffff:10.0.0.2]:555 | yes
                    ipv6:allow=*:*,ipv4:allow=*:*,ipv4:deny=10.0.0.2:*/in | accept | [::ffff:10.0.0.1]:80 | [::ffff:10.0.0.2]:555 | no
                    ipv4:allow=*:53/in                            | receive | 0.0.0.0:53         | 10.0.0.2:5555           | yes
                    ipv6:allow=*:53/in                            | receive | [::]:53            | [::ffff:10.0.0.2]:5555  | no
                    ipv6:allow=*:53/in                            | receive | [::]:53            | [2001:db8::2]:5555      | yes
                    ipv4:allow=8.8.8.8:53/out                     | receive | 0.0.0.0:4000       | 8.8.8.8:53              | yes
                    ipv4:allow=8.8.8.8:53/out                     | receive | 0.0.0.0:4000       | 8.8.8.8:54              | no
                    ipv4:allow=8.8.8.8:53/out                     | accept  | 0.0.0.0:4000       | 8.8.8.8:53              | no
                    ipv4:allow=*:*,ipv4:deny=8.8.8.8:*/in         | receive | 0.0.0.0:4000       | 8.8.8.8:53              | no
                    unix:allow=/run/a;in                          | accept  | unix:/run/a        | unix:                   | yes
                    unix:allow=/run/a;out                         | accept  | unix:/run/a        | unix:                   | no
                    """)
    void a_peer(String rules, String asked, String local, String peer, String answer) {
        NetworkOperation operation =
                asked.equals("accept") ? NetworkOperation.ACCEPT : NetworkOperation.RECEIVE_FROM;
        Decision decision =
                NetworkPolicy.parse(rules)
                        .openSession()
                        .checkPeer(operation, address(local), address(local), address(peer));
        assertThat(decision.allowed()).as(decision.toString()).isEqualTo(answer.equals("yes"));
    }

    /** Names, and what the addresses found may be used for. */
    @ParameterizedTest(name = "[{0}] {1} is {2}, then connect {3}: {4}")
    @DisplayName("a name")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            textBlock =
                    """
                    # rules                                            | name            | address            | connect               | answer
                    dns:allow=example.org:80                           | example.org     | 1.2.3.4            | 1.2.3.4:80            | yes
                    dns:allow=example.org:80                           | EXAMPLE.org.    | 1.2.3.4            | 1.2.3.4:80            | yes
                    dns:allow=Example.Org.:80                          | example.org     | 1.2.3.4            | 1.2.3.4:80            | yes
                    dns:allow=example.org:80                           | example.org     | 1.2.3.4            | 1.2.3.4:81            | no
                    dns:allow=example.org:80                           | example.org     | 1.2.3.4            | 1.2.3.5:80            | no
                    dns:allow=example.org:80                           | example.org     | 1.2.3.4            | [::ffff:1.2.3.4]:80   | yes
                    dns:allow=example.org:80                           | example.com     | 1.2.3.4            | 1.2.3.4:80            | unknown
                    dns:allow=example.org:80                           | www.example.org | 1.2.3.4            | 1.2.3.4:80            | unknown
                    dns:allow=*.example.org:80                         | www.example.org | 1.2.3.4            | 1.2.3.4:80            | yes
                    dns:allow=*.example.org:80                         | a.b.example.org | 1.2.3.4            | 1.2.3.4:80            | yes
                    dns:allow=*.example.org:80                         | example.org     | 1.2.3.4            | 1.2.3.4:80            | unknown
                    dns:allow=*.example.org:80                         | notexample.org  | 1.2.3.4            | 1.2.3.4:80            | unknown
                    dns:allow=*.example.org:80                         | .example.org    | 1.2.3.4            | 1.2.3.4:80            | unknown
                    dns:allow=az.org:80                                | AZ.org          | 1.2.3.4            | 1.2.3.4:80            | yes
                    dns:allow={a.org,b.org}:{80,443}                   | b.org           | 1.2.3.4            | 1.2.3.4:443           | yes
                    dns:allow=a.org:80,dns:allow=*.org:443             | a.org           | 1.2.3.4            | 1.2.3.4:443           | yes
                    dns:allow=*:*                                      | evil.org        | 127.0.0.1          | 127.0.0.1:80          | no
                    dns:allow=*:*                                      | good.org        | 2600::1            | [2600::2]:80          | no
                    dns:allow=*:*                                      | evil.org        | 10.0.0.1           | 10.0.0.1:80           | no
                    dns:allow=*:*                                      | evil.org        | 169.254.169.254    | 169.254.169.254:80    | no
                    dns:allow=*:*                                      | evil.org        | 224.0.0.1          | 224.0.0.1:80          | no
                    dns:allow=*:*                                      | evil.org        | 0.0.0.0            | 0.0.0.0:80            | no
                    dns:allow=*:*                                      | evil.org        | ::1                | [::1]:80              | no
                    dns:allow=*:*                                      | evil.org        | ::                 | [::]:80               | no
                    dns:allow=*:*                                      | evil.org        | fe80::1            | [fe80::1]:80          | no
                    dns:allow=*:*                                      | evil.org        | fd00::1            | [fd00::1]:80          | no
                    dns:allow=*:*                                      | evil.org        | ::ffff:10.0.0.1    | 10.0.0.1:80           | no
                    dns:allow=*:*                                      | evil.org        | 64:ff9b::10.0.0.1  | [64:ff9b::10.0.0.1]:80 | no
                    dns:allow=*:*                                      | good.org        | 64:ff9b::1.2.3.4   | [64:ff9b::1.2.3.4]:80 | yes
                    dns:allow=*:*                                      | good.org        | 2600::1            | [2600::1]:80          | yes
                    dns:allow=*:*,ipv4:allow=10.0.0.1:80               | db.corp         | 10.0.0.1           | 10.0.0.1:80           | yes
                    dns:allow=*:*,ipv4:deny=1.2.3.4:80                 | a.org           | 1.2.3.4            | 1.2.3.4:80            | no
                    dns:allow=*:*,dns:deny=evil.org:*                  | evil.org        | 1.2.3.4            | 1.2.3.4:80            | unknown
                    dns:allow=*:*,dns:deny=*.evil.org:*                | www.evil.org    | 1.2.3.4            | 1.2.3.4:80            | unknown
                    dns:allow=*:80,dns:deny=evil.org:1-1023            | evil.org        | 1.2.3.4            | 1.2.3.4:80            | unknown
                    dns:allow=*:*,dns:deny=evil.org:25                 | evil.org        | 1.2.3.4            | 1.2.3.4:80            | yes
                    dns:allow=*:*,dns:deny=evil.org:25                 | evil.org        | 1.2.3.4            | 1.2.3.4:25            | no
                    dns:allow=*:*,dns:deny=evil.org:25,ipv4:allow=*:*  | evil.org        | 1.2.3.4            | 1.2.3.4:25            | no
                    dns:allow=*:*,dns:deny=evil.org:25,ipv4:allow=*:*  | evil.org        | 10.0.0.4           | 10.0.0.4:25           | no
                    ipv4:allow=*:*                                     | a.org           | 1.2.3.4            | 1.2.3.4:80            | unknown
                    loopback                                           | localhost       | 127.0.0.1          | 127.0.0.1:80          | yes
                    loopback                                           | localhost       | 1.2.3.4            | 1.2.3.4:80            | no
                    loopback/in                                        | localhost       | 127.0.0.1          | 127.0.0.1:80          | unknown
                    public:443                                         | a.org           | 1.2.3.4            | 1.2.3.4:443           | yes
                    private                                            | db.corp         | 10.0.0.1           | 10.0.0.1:80           | unknown
                    """)
    void a_name(String rules, String name, String address, String connect, String answer) {
        PolicySession session = NetworkPolicy.parse(rules).openSession();
        Decision lookUp = session.checkName(name);
        assertThat(lookUp.allowed()).as(lookUp.toString()).isEqualTo(!answer.equals("unknown"));
        if (lookUp.allowed()) {
            String host = address.contains(":") ? "[" + address + "]" : address;
            session.resolved(name, List.of((InetAddr) address(host + ":0")));
            Decision decision = session.check(NetworkOperation.CONNECT, address(connect));
            assertThat(decision.allowed()).as(decision.toString()).isEqualTo(answer.equals("yes"));
        }
    }

    /** {@code 1.2.3.4:80}, {@code [::1%7]:80} or {@code unix:/path}. */
    static SocketAddr address(String text) {
        if (text.startsWith("unix:")) {
            return new UnixAddr(text.substring("unix:".length()));
        }
        int colon = text.lastIndexOf(':');
        int port = Integer.parseInt(text.substring(colon + 1));
        String host = text.substring(0, colon);
        if (!host.startsWith("[")) {
            long bits = AddressText.inet4(host);
            return InetAddr.v4(bytes(bits, 4), port);
        }
        String[] parts = host.substring(1, host.length() - 1).split("%");
        long[] halves = AddressText.inet6(parts[0]);
        byte[] octets = new byte[16];
        System.arraycopy(bytes(halves[0], 8), 0, octets, 0, 8);
        System.arraycopy(bytes(halves[1], 8), 0, octets, 8, 8);
        return InetAddr.v6(octets, port, 0, parts.length > 1 ? Integer.parseInt(parts[1]) : 0);
    }

    private static byte[] bytes(long bits, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (bits >>> 8 * (count - 1 - i));
        }
        return bytes;
    }
}
