using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using CloudPbx.State.Directory;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

public class CarrierTests
{
    [Fact]
    public async Task A_worker_reaches_a_carrier_by_UDP_from_the_listeners_own_port()
    {
        await using TestEdge edge = await StartAsync();
        using var carrier = new UdpPeer(edge.Udp);
        string token = await OpenAsync(edge, new FlowTarget(new IPEndPoint(IPAddress.Loopback, carrier.Port), SipTransport.Udp));

        edge.Worker.Send(Outward(token, edge.Worker.EdgeId));
        string invite = await carrier.ReceiveAsync();
        Assert.StartsWith("INVITE sip:100@10.9.9.9 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" + edge.Udp.Port, invite, StringComparison.Ordinal);
        Assert.DoesNotContain("invalid;lr", invite, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_trunks_own_host_stands_in_Via_and_in_the_flow()
    {
        await using TestEdge edge = await StartAsync();
        using var carrier = new UdpPeer(edge.Udp);
        string text = await OpenAsync(edge, new FlowTarget(new IPEndPoint(IPAddress.Loopback, carrier.Port), SipTransport.Udp) { AdvertisedHost = "sbc.acme.example" });
        Assert.True(FlowToken.TryParse(text, edge.Key, out FlowToken token));
        Assert.Equal("sbc.acme.example", token.AdvertisedHost);
        edge.Worker.Send(Outward(text, edge.Worker.EdgeId));
        Assert.Contains("Via: SIP/2.0/UDP sbc.acme.example:", await carrier.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_is_opened_once_and_carries_requests_both_ways()
    {
        await using TestEdge edge = await StartAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var target = new FlowTarget((IPEndPoint)listener.LocalEndpoint, SipTransport.Tcp);
        string first = await OpenAsync(edge, target);
        Assert.Equal(first, await OpenAsync(edge, target));
        using TcpClient carrier = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        Assert.False(listener.Pending());
        Assert.True(FlowToken.TryParse(first, edge.Key, out FlowToken token));
        Assert.Equal(edge.Tcp.Port, token.AdvertisedPort);        // where it can call us, not the port that we call from

        edge.Worker.Send(Outward(first, edge.Worker.EdgeId));
        byte[] buffer = new byte[4096];
        int read = await carrier.GetStream().ReadAsync(buffer, TestContext.Current.CancellationToken);
        Assert.StartsWith("INVITE", System.Text.Encoding.ASCII.GetString(buffer, 0, read), StringComparison.Ordinal);

        await carrier.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(Request("OPTIONS", "TCP")), TestContext.Current.CancellationToken);
        Assert.Equal(first, FlowOf(await edge.Worker.RequestAsync()));
    }

    [Fact]
    public async Task A_carrier_that_gives_no_sign_is_told_apart_from_one_that_refuses()
    {
        await using TestEdge edge = await StartAsync(options => options.CarrierConnectTimeout = TimeSpan.FromMilliseconds(200));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();                                         // connects, and never says a word of TLS
        SipResponse silence = await AskAsync(edge, new FlowTarget((IPEndPoint)listener.LocalEndpoint, SipTransport.Tls) { ServerName = "sip.example" });
        Assert.Equal((408, "No connection in time"), (silence.StatusCode, silence.ReasonPhrase));
    }

    [Fact]
    public async Task A_carrier_that_refuses_the_connection_is_told_to_the_worker_and_tried_anew_the_next_time()
    {
        await using TestEdge edge = await StartAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var target = new FlowTarget((IPEndPoint)listener.LocalEndpoint, SipTransport.Tcp);
        listener.Stop();
        SipResponse refusal = await AskAsync(edge, target);
        Assert.Equal((503, "Connection refused"), (refusal.StatusCode, refusal.ReasonPhrase));

        using var again = new TcpListener(target.Remote);
        again.Start();
        await OpenAsync(edge, target);
    }

    [Fact]
    public async Task A_connection_that_ended_is_not_used_again()
    {
        await using TestEdge edge = await StartAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var target = new FlowTarget((IPEndPoint)listener.LocalEndpoint, SipTransport.Tcp);
        string first = await OpenAsync(edge, target);
        (await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken)).Dispose();
        await Eventually(() => edge.Flows.Connections.Count == 0);

        edge.Worker.Send(Outward(first, edge.Worker.EdgeId));
        Assert.Equal(430, (await edge.Worker.ResponseAsync()).StatusCode);               // RFC 5626 §11.5
        string second = "";
        await Eventually(() => (second = OpenAsync(edge, target).GetAwaiter().GetResult()) != first);
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData("sip.carrier.example", true, true)]
    [InlineData("other.carrier.example", true, false)]                                   // RFC 5922 §7: the name that was asked for
    [InlineData("other.carrier.example", false, true)]
    public async Task The_servers_certificate_must_bear_the_name_unless_the_trunk_says_otherwise(string name, bool verify, bool opens)
    {
        using var files = new CertificateFiles();
        files.Write("sip.carrier.example");
        await using TestEdge carrier = await StartAsync(options => (options.CertificatePath, options.KeyPath) = (files.CertificatePath, files.KeyPath));
        await using TestEdge edge = await StartAsync(options => options.CarrierAuthoritiesPath = files.AuthorityPath);
        SipResponse answer = await AskAsync(edge, new FlowTarget(carrier.Tls, SipTransport.Tls) { ServerName = name, Verify = verify });
        Assert.Equal(opens ? 200 : 503, answer.StatusCode);
        if (!opens)
            Assert.Equal("Certificate or TLS refused", answer.ReasonPhrase);
    }

    [Theory]
    [InlineData("pbx.example", "CN=pbx.example")]
    [InlineData(null, null)]                                                             // a trunk that names none shows none
    public async Task A_carrier_that_asks_for_it_is_shown_the_certificate_that_the_trunk_names(string? certificate, string? subject)      // I31
    {
        using CertificateFiles theirs = new(), ours = new();
        theirs.Write("sip.carrier.example");
        ours.Write("pbx.example");
        await using TestEdge edge = await StartAsync(options =>
            (options.CertificatePath, options.KeyPath, options.CarrierAuthoritiesPath) = (ours.CertificatePath, ours.KeyPath, theirs.AuthorityPath));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<SipResponse> asking = AskAsync(edge, new FlowTarget((IPEndPoint)listener.LocalEndpoint, SipTransport.Tls) { ServerName = "sip.carrier.example", Certificate = certificate });
        using TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        string? shown = null;
        await using SslStream carrier = new(client.GetStream());
        await carrier.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = theirs.Server(),
                ClientCertificateRequired = true,
                ApplicationProtocols = [new SslApplicationProtocol("h2")],               // I32: it would refuse who asks for "sip"
                RemoteCertificateValidationCallback = (_, leaf, _, _) => (shown = leaf?.Subject) == subject,
            },
            TestContext.Current.CancellationToken);
        Assert.Equal(200, (await asking).StatusCode);
        Assert.Equal((subject, default(SslApplicationProtocol)), (shown, carrier.NegotiatedApplicationProtocol));
    }

    [Fact]
    public async Task A_certificate_that_the_edge_does_not_have_is_said_so_and_no_other_one_is_shown()      // I31
    {
        using CertificateFiles ours = new();
        ours.Write("pbx.example");
        await using TestEdge edge = await StartAsync(options => (options.CertificatePath, options.KeyPath) = (ours.CertificatePath, ours.KeyPath));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        SipResponse answer = await AskAsync(edge, new FlowTarget((IPEndPoint)listener.LocalEndpoint, SipTransport.Tls) { ServerName = "sip.carrier.example", Certificate = "sbc.example" });
        Assert.Equal((503, "No certificate of ours is for sbc.example, only for: pbx.example"), (answer.StatusCode, answer.ReasonPhrase));
        Assert.False(listener.Pending());
    }

    [Fact]
    [SupportedOSPlatform("linux")]                                                       // CipherSuitesPolicy, as the product
    public async Task S19_a_carrier_that_has_no_authenticated_encryption_is_not_spoken_to()
    {
        using CertificateFiles theirs = new();
        theirs.Write("sip.carrier.example");
        await using TestEdge edge = await StartAsync(options => options.CarrierAuthoritiesPath = theirs.AuthorityPath);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<SipResponse> asking = AskAsync(edge, new FlowTarget((IPEndPoint)listener.LocalEndpoint, SipTransport.Tls) { ServerName = "sip.carrier.example" });
        using TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using SslStream carrier = new(client.GetStream());
        await Assert.ThrowsAnyAsync<Exception>(() => carrier.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = theirs.Server(),
                EnabledSslProtocols = SslProtocols.Tls12,
                CipherSuitesPolicy = new CipherSuitesPolicy([TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256]),
            },
            TestContext.Current.CancellationToken));
        client.Close();
        Assert.Equal((503, "Certificate or TLS refused"), (await asking) is var refused ? (refused.StatusCode, refused.ReasonPhrase) : default);
    }

    [Fact]
    public async Task S19_two_names_at_one_address_never_share_a_connection()
    {
        using var files = new CertificateFiles();                                        // S19, CVE-2020-15260
        files.Write("one.example", "two.example");
        await using TestEdge carrier = await StartAsync(options => (options.CertificatePath, options.KeyPath) = (files.CertificatePath, files.KeyPath));
        await using TestEdge edge = await StartAsync(options => options.CarrierAuthoritiesPath = files.AuthorityPath);
        string one = await OpenAsync(edge, new FlowTarget(carrier.Tls, SipTransport.Tls) { ServerName = "one.example" });
        string two = await OpenAsync(edge, new FlowTarget(carrier.Tls, SipTransport.Tls) { ServerName = "two.example" });
        Assert.NotEqual(one, two);
    }

    [Theory]
    [InlineData("INVITE", true)]
    [InlineData("OPTIONS", true)]
    [InlineData("REGISTER", false)]                                                      // never: accounts register from anywhere, carriers never do
    [InlineData("SUBSCRIBE", false)]
    public async Task A_carriers_address_names_its_tenant_whatever_the_request_says(string method, bool byCarrier)
    {
        await using TestEdge edge = await StartAsync();
        edge.Sources.Directory = WithCarrier("127.0.0.0/8", Globex);
        using var carrier = new UdpPeer(edge.Udp);
        await carrier.SendAsync(Request(method, more: "P-Asserted-Identity: <sip:+4930@carrier.example>\r\n"));
        SipRequest request = await edge.Worker.RequestAsync();
        Assert.Equal((byCarrier ? Globex : Acme).Value, TenantOf(request));
        Assert.Equal(byCarrier, request.Headers.Has(SipHeaderName.PAssertedIdentity));   // RFC 3325 §5: a stranger's is taken out
    }

    [Fact]
    public async Task An_address_beside_the_carriers_network_is_a_stranger()
    {
        await using TestEdge edge = await StartAsync();                                  // CVE-2024-35190
        edge.Sources.Directory = WithCarrier("127.0.0.2/31", Globex);
        using var stranger = new UdpPeer(edge.Udp);
        await stranger.SendAsync(Request("INVITE"));
        Assert.Equal(Acme.Value, TenantOf(await edge.Worker.RequestAsync()));
    }

    [Theory]
    [InlineData("INVITE", "sip:+4930111@127.0.0.1", 1)]
    [InlineData("INVITE", "sip:4930222@127.0.0.1", 2)]                                   // without the plus
    [InlineData("INVITE", "sip:0302223@127.0.0.1", 2)]                                   // by the carrier's rewriting
    [InlineData("INVITE", "tel:+4930222;phone-context=example", 2)]
    [InlineData("INVITE", "tel:+49-30-222", 2)]                                          // RFC 3966 §5.1.1
    [InlineData("INVITE", "sip:%2B49%3302%32%32@127.0.0.1", 2)]                          // escaped, as its worker reads it
    [InlineData("INVITE", "sip:+4930999@127.0.0.1", 404)]
    [InlineData("OPTIONS", "sip:127.0.0.1", 200)]                                        // I30: is anybody there?
    public async Task Where_tenants_share_an_address_the_called_number_decides(string method, string uri, int expected)
    {
        await using TestEdge edge = await StartAsync();
        DirectorySnapshot known = Directory(Acme, version: 2);
        edge.Sources.Directory = new DirectorySnapshot(2, known.Domains, known.Users, Acme)
        {
            Carriers = [new CarrierSource { Network = "127.0.0.1/32", CalledIn = [new NumberRewrite { Prefix = "0", Replacement = "+49" }] }],
            Numbers = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(
                new Dictionary<string, TenantId> { ["+4930111"] = Acme, ["+4930222"] = Globex, ["+49302223"] = Globex }),
        };
        using var carrier = new UdpPeer(edge.Udp);
        await carrier.SendAsync(Request(method, uri: uri, to: "<sip:x@127.0.0.1>", from: "<sip:1@carrier.example>;tag=1"));
        if (expected > 2)
        {
            string answer = await carrier.ReceiveAsync();
            Assert.StartsWith($"SIP/2.0 {expected} ", answer, StringComparison.Ordinal);
            Assert.Equal(expected == 200, answer.Contains("\r\nAllow: INVITE, ", StringComparison.Ordinal) && answer.Contains(" REFER, NOTIFY\r\nAccept: application/sdp\r\n", StringComparison.Ordinal));      // I31, RFC 3261 §11.2
        }
        else
            Assert.Equal((expected == 1 ? Acme : Globex).Value, TenantOf(await edge.Worker.RequestAsync()));
    }

    [Theory]
    [InlineData("INVITE", "sip:+4930222@127.0.0.1", "203.0.113.7", true, 2)]             // Telnyx, DIDWW
    [InlineData("INVITE", "sip:+4930222@127.0.0.1", "203.0.113.7", false, 1)]            // S2: a stranger does not learn whose it is
    [InlineData("INVITE", "sip:4930222;npdi@127.0.0.1:5060", "carrier.example", true, 2)]
    [InlineData("INVITE", "sip:+4930999@127.0.0.1", "203.0.113.7", true, 1)]             // nobody's: the default tenant's
    [InlineData("INVITE", "sip:+4930222@127.0.0.1", "acme.example", true, 1)]            // a phone's own company routes its call
    [InlineData("OPTIONS", "sip:+4930222@127.0.0.1", "203.0.113.7", true, 1)]
    public async Task I10_a_registrar_that_calls_the_number_and_not_the_Contact_reaches_whose_number_it_is(string method, string uri, string from, bool hasLine, int expected)
    {
        await using TestEdge edge = await StartAsync();
        DirectorySnapshot known = Directory(Acme, version: 2);
        edge.Sources.Directory = new DirectorySnapshot(2, known.Domains, known.Users, Acme)
        {
            Numbers = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(new Dictionary<string, TenantId> { ["+4930222"] = Globex }),
        };
        using UdpPeer registrar = new(edge.Udp), other = new(edge.Udp);
        string token = await OpenAsync(edge, new FlowTarget(new IPEndPoint(IPAddress.Loopback, registrar.Port), SipTransport.Udp));
        edge.Worker.Send(Outward(token, edge.Worker.EdgeId, hasLine ? "REGISTER" : "OPTIONS"));
        string vias = string.Join("\r\n", (await registrar.ReceiveAsync()).Split("\r\n").Where(line => line.StartsWith("Via:", StringComparison.Ordinal)));
        await registrar.SendAsync($"SIP/2.0 200 OK\r\n{vias}\r\nFrom: <sip:x@y>;tag=1\r\nTo: <sip:x@y>;tag=2\r\nCall-ID: c\r\nCSeq: 1 {(hasLine ? "REGISTER" : "OPTIONS")}\r\nContent-Length: 0\r\n\r\n");
        await edge.Worker.ResponseAsync();
        await other.SendAsync(Request(method, uri: uri, to: "<sip:x@127.0.0.1>", from: $"<sip:+4989@{from}>;tag=1", more: "P-Asserted-Identity: <sip:+4989@carrier.example>\r\n"));
        SipRequest request = await edge.Worker.RequestAsync();
        Assert.Equal((expected == 1 ? Acme : Globex).Value, TenantOf(request));
        Assert.Equal(expected == 2, request.Headers.Has(SipHeaderName.PAssertedIdentity));
    }

    [Theory]
    [InlineData("sip:90301234@127.0.0.1", 1, false)]                                     // a phone dials outside: its tenant asks for its credentials
    [InlineData("sip:+4930222@127.0.0.1", 2, true)]                                      // the carrier's number is the carrier's call, whatever From says
    public async Task Phones_behind_the_address_that_tenants_share_with_a_carrier_are_found_by_their_domain(string uri, int expected, bool isTrusted)
    {
        await using TestEdge edge = await StartAsync();
        DirectorySnapshot known = Directory(Acme, version: 2);
        edge.Sources.Directory = new DirectorySnapshot(2, known.Domains, known.Users, null)
        {
            Carriers = [new CarrierSource { Network = "127.0.0.1/32" }],
            Numbers = System.Collections.Frozen.FrozenDictionary.ToFrozenDictionary(new Dictionary<string, TenantId> { ["+4930222"] = Globex }),
        };
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("INVITE", uri: uri, to: "<sip:x@127.0.0.1>", from: "<sip:1@acme.example>;tag=1", more: "P-Asserted-Identity: <sip:+4930@carrier.example>\r\n"));
        SipRequest request = await edge.Worker.RequestAsync();
        Assert.Equal((expected == 1 ? Acme : Globex).Value, TenantOf(request));
        Assert.Equal(isTrusted, request.Headers.Has(SipHeaderName.PAssertedIdentity));
    }

    [Theory]
    [InlineData("tls:sbc.carrier.example", true, true)]
    [InlineData("tls:sbc.carrier.example", false, false)]                                // an authority that nobody trusts: its names count for nothing
    [InlineData("tls:other.carrier.example", true, false)]
    [InlineData("sha256", false, true)]                                                  // whoever issued it
    public async Task A_client_certificate_names_the_carrier_at_whatever_address_it_is(string source, bool isVouchedFor, bool isCarrier)
    {
        using CertificateFiles files = new(), carrierFiles = new();
        files.Write("acme.example");
        carrierFiles.Write("sbc.carrier.example");
        await using TestEdge edge = await StartAsync(o =>
        {
            (o.CertificatePath, o.KeyPath) = (files.CertificatePath, files.KeyPath);
            o.CarrierAuthoritiesPath = isVouchedFor ? carrierFiles.AuthorityPath : files.AuthorityPath;
        });
        SslStreamCertificateContext shown = carrierFiles.Server();
        string known = source == "sha256" ? CertificateSource.OfFingerprint(shown.TargetCertificate.GetCertHash(HashAlgorithmName.SHA256)) : source;
        edge.Sources.Directory = WithCarrier(known, Globex);
        SslClientAuthenticationOptions client = files.Client("acme.example");
        client.ClientCertificateContext = shown;
        using StreamPeer carrier = await StreamPeer.ConnectAsync(edge.Tls, client);
        await carrier.SendAsync(Request("INVITE", "TLS", more: "P-Asserted-Identity: <sip:+4930@carrier.example>\r\n"));
        SipRequest request = await edge.Worker.RequestAsync();
        Assert.Equal((isCarrier ? Globex : Acme).Value, TenantOf(request));
        Assert.Equal(isCarrier, request.Headers.Has(SipHeaderName.PAssertedIdentity));
        Assert.True(FlowToken.TryParse(FlowOf(request), edge.Key, out FlowToken flow));
        Assert.Equal(isCarrier ? CertificateSource.DigestOf(known) : 0, flow.ProvedSource);
        await carrier.SendAsync(Request("REGISTER", "TLS", branch: "z9hG4bKb2"));          // never by that
        Assert.Equal(Acme.Value, TenantOf(await edge.Worker.RequestAsync()));
        // A phone shows none, is asked for one, and is served as ever.
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tls, files.Client("acme.example"));
        await phone.SendAsync(Request("INVITE", "TLS", branch: "z9hG4bKb3"));
        Assert.Equal(Acme.Value, TenantOf(await edge.Worker.RequestAsync()));
    }

    [Theory]
    [InlineData(null, "acme.example", false)]
    [InlineData("trunk.example", "acme.example", false)]                                 // the carrier knows us by another name than phones do
    [InlineData("trunk.example", "Trunk.example", true)]
    [InlineData("192.0.2.2", "acme.example", false)]
    public async Task A_certificate_is_asked_for_only_where_a_carrier_may_have_one(string? at, string name, bool asks)
    {
        using CertificateFiles files = new(), carrierFiles = new();
        files.Write("acme.example", "trunk.example");
        carrierFiles.Write("sbc.carrier.example");
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath) = (files.CertificatePath, files.KeyPath));
        Assert.False(await IsAskedAsync());                                              // no trunk has a certificate
        DirectorySnapshot known = Directory(Acme, version: 2);
        edge.Sources.Directory = new DirectorySnapshot(2, known.Domains, known.Users, Acme)
        {
            Carriers = [new CarrierSource { Network = "tls:sbc.carrier.example", Tenant = Globex, ServerNames = at is null ? [] : [at] }],
        };
        Assert.Equal(asks, await IsAskedAsync());

        async Task<bool> IsAskedAsync()
        {
            SslClientAuthenticationOptions client = files.Client(name);
            client.ClientCertificateContext = carrierFiles.Server();
            using StreamPeer peer = await StreamPeer.ConnectAsync(edge.Tls, client);
            await peer.SendAsync("\r\n\r\n");
            Assert.Equal("\r\n", await peer.ReceiveOctetsAsync(2));
            return peer.Secure.LocalCertificate is not null;
        }
    }

    [Fact]
    public void A_carrier_that_knows_us_by_an_address_is_asked_where_no_name_is_sent()      // RFC 6066 §3: an address is none
    {
        var carriers = new CarrierIndex([new CarrierSource { Network = "tls:sbc.carrier.example", Tenant = Globex, ServerNames = ["192.0.2.2"] }]);
        Assert.True(carriers.AsksForCertificate(""));
        Assert.False(carriers.AsksForCertificate("acme.example"));
    }

    private static DirectorySnapshot WithCarrier(string network, TenantId tenant)
    {
        DirectorySnapshot known = Directory(Acme, version: 2);
        return new DirectorySnapshot(2, known.Domains, known.Users, Acme) { Carriers = [new CarrierSource { Network = network, Tenant = tenant, ServerNames = ["acme.example"] }] };
    }

    private static async Task<string> OpenAsync(TestEdge edge, FlowTarget target)
    {
        SipResponse answer = await AskAsync(edge, target);
        Assert.Equal(200, answer.StatusCode);
        return answer.Headers.Get(FlowRequest.TokenField)!;
    }

    private static async Task<SipResponse> AskAsync(TestEdge edge, FlowTarget target)
    {
        SipRequest request = FlowRequest.Create(target, SipTokens.Secure);
        request.Headers.AddFirst(SipHeaderName.Via, $"SIP/2.0/TCP {InnerNames.WorkerVia(Acme.Value)};branch={SipTokens.Secure.NewBranch()}");
        edge.Worker.Send(request);
        return await edge.Worker.ResponseAsync();
    }
}
