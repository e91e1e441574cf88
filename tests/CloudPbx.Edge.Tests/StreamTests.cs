using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Text;
using CloudPbx.Edge.Listeners;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transport;
using Microsoft.Extensions.DependencyInjection;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

public class StreamTests
{
    [Fact]
    public async Task The_stream_cut_at_every_octet_gives_the_same_messages()
    {
        await using TestEdge edge = await StartAsync();
        string text = Request("REGISTER", "TCP", branch: "z9hG4bK1") + "\r\n\r\n" + Request("OPTIONS", "TCP", branch: "z9hG4bK2", more: "X:\r\n folded\r\n");
        byte[] octets = Encoding.ASCII.GetBytes(text);
        for (int cut = 1; cut < octets.Length; cut += cut < 40 || cut > octets.Length - 40 ? 1 : 7)
        {
            using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
            await phone.SendAsync(octets.AsMemory(0, cut));
            await Task.Yield();
            await phone.SendAsync(octets.AsMemory(cut));
            Assert.Equal(SipMethod.Register, (await edge.Worker.RequestAsync()).Method);
            Assert.Equal(SipMethod.Options, (await edge.Worker.RequestAsync()).Method);
            Assert.Equal("\r\n", await phone.ReceiveOctetsAsync(2));
        }
    }

    [Fact]
    public async Task Every_octet_alone_gives_the_same_messages()
    {
        await using TestEdge edge = await StartAsync();
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        foreach (byte octet in Encoding.ASCII.GetBytes(Request("REGISTER", "TCP") + Request("OPTIONS", "TCP")))
            await phone.SendAsync(new[] { octet });
        Assert.Equal(SipMethod.Register, (await edge.Worker.RequestAsync()).Method);
        Assert.Equal(SipMethod.Options, (await edge.Worker.RequestAsync()).Method);
    }

    [Fact]
    public async Task A_ping_gets_a_pong()            // RFC 5626 §3.5.1
    {
        await using TestEdge edge = await StartAsync();
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync("\r\n\r\n");
        Assert.Equal("\r\n", await phone.ReceiveOctetsAsync(2));
    }

    [Theory]            // RFC 4475 §3.1.2.2 ncl, §3.3.9 mcl01: the framing is lost, so the connection ends
    [InlineData("Content-Length: 0", "Content-Length: -999", "400")]
    [InlineData("Content-Length: 0", "Content-Length: 0\r\nContent-Length: 5", "400")]
    [InlineData("Content-Length: 0\r\n", "", "400")]
    [InlineData("Content-Length: 0", "Content-Length: 99999999", "513")]
    public async Task S10_a_stream_that_cannot_be_framed_is_answered_and_closed(string right, string wrong, string status)
    {
        await using TestEdge edge = await StartAsync();
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync(Request("OPTIONS", "TCP").Replace(right, wrong, StringComparison.Ordinal));
        Assert.StartsWith($"SIP/2.0 {status} ", await phone.ReceiveRestAsync(), StringComparison.Ordinal);
        Assert.False(edge.Worker.HasMore);
    }

    [Fact]
    public async Task S10_what_follows_a_smuggled_end_is_no_message_of_its_own()      // bare LF ends no header section
    {
        await using TestEdge edge = await StartAsync();
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync(Request("OPTIONS", "TCP").Replace("\r\nContent-Length: 0\r\n\r\n", "\n\nREGISTER sip:evil SIP/2.0\r\nContent-Length: 0\r\n\r\n", StringComparison.Ordinal));
        await phone.ReceiveRestAsync();
        Assert.False(edge.Worker.HasMore);
    }

    [Fact]              // the client trusts the root alone, so this also needs the whole chain
    public async Task A_phone_on_TLS_registers_and_is_called()
    {
        using var files = new CertificateFiles();
        files.Write("acme.example");
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath) = (files.CertificatePath, files.KeyPath));
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tls, files.Client("acme.example"));
        await phone.SendAsync(Request("REGISTER", "TLS", uri: "sips:acme.example", to: "<sips:100@acme.example>"));
        SipRequest register = await edge.Worker.RequestAsync();
        Assert.True(FlowToken.TryParse(FlowOf(register), edge.Key, out FlowToken flow));
        Assert.Equal((SipTransport.Tls, edge.Tls.Port, "acme.example"), (flow.Transport, flow.AdvertisedPort, flow.ServerName));
        edge.Worker.Send(SipResponse.For(register, 200));
        Assert.StartsWith("SIP/2.0 200 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        edge.Worker.Send(Outward(FlowOf(register), edge.Worker.EdgeId));
        Assert.Contains("Via: SIP/2.0/TLS 127.0.0.1:" + edge.Tls.Port, await phone.ReceiveAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_that_a_client_asks_for_chooses_the_certificate()
    {
        using var one = new CertificateFiles();
        using var two = new CertificateFiles();
        one.Write("acme.example");
        two.Write("globex.example", "*.globex.example");
        await using TestEdge edge = await StartAsync(o =>
        {
            (o.CertificatePath, o.KeyPath) = (one.CertificatePath, one.KeyPath);
            o.Certificates = [new EdgeCertificateFiles { CertificatePath = two.CertificatePath, KeyPath = two.KeyPath }];
        });
        foreach ((string name, string subject) in (ReadOnlySpan<(string, string)>)[("acme.example", "acme"), ("globex.example", "globex"), ("SIP.Globex.example", "globex"), ("other.example", "acme")])
        {
            using StreamPeer phone = ConnectAny(edge, name);
            Assert.Contains(subject, phone.Secure.RemoteCertificate!.Subject, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_renewed_certificate_is_used_for_new_connections()
    {
        using var files = new CertificateFiles();
        files.Write("acme.example");
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath) = (files.CertificatePath, files.KeyPath));
        string before = Thumbprint(edge);
        files.Write("acme.example");
        File.SetLastWriteTimeUtc(files.CertificatePath, DateTime.UtcNow.AddSeconds(5));
        await Eventually(() => Thumbprint(edge) != before);
    }

    [Fact]
    public async Task S19_the_certificate_of_a_tenants_domain_is_taken_up_renewed_and_dropped_while_the_edge_runs()
    {
        using var main = new CertificateFiles();
        using var own = new CertificateFiles();
        main.Write("pbx.example", "shared.example");
        string folder = Path.Combine(Path.GetDirectoryName(main.CertificatePath)!, "domains");
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath, o.CertificateFolder, o.FirstMessageTimeout) = (main.CertificatePath, main.KeyPath, folder, TimeSpan.FromMinutes(1)));
        CertificateStore certificates = edge.Services.GetRequiredService<CertificateStore>();
        using StreamPeer before = ConnectAny(edge, "acme.example");
        Assert.Contains("pbx", before.Secure.RemoteCertificate!.Subject, StringComparison.Ordinal);

        System.IO.Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "aaa.pem"), "half a file", TestContext.Current.CancellationToken);      // nobody else's concern
        own.Write("acme.example", "shared.example");
        File.Copy(own.CertificatePath, Path.Combine(folder, "acme.example.pem"));
        certificates.Reload();
        Assert.Equal(main.Thumbprint, Thumbprint(edge));                                                                           // its key comes later
        File.Copy(own.KeyPath, Path.Combine(folder, "acme.example.key"));
        await Eventually(() => Thumbprint(edge) == own.Thumbprint);                                                                // by itself
        using (StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tls, own.Client("acme.example")))                             // with its whole chain
        {
            await phone.SendAsync("\r\n\r\n");
            Assert.Equal("\r\n", await phone.ReceiveOctetsAsync(2));
        }
        Assert.Equal(main.Thumbprint, Thumbprint(edge, "shared.example"));                                                         // the installation's name stays its own
        Assert.Equal(main.Thumbprint, Thumbprint(edge, "other.example"));
        Assert.Null(certificates.FindNamed("acme.example"));                                                                       // another tenant's trunk must not show it to a carrier, nor hear of it
        Assert.Equal(["pbx.example", "shared.example"], certificates.Names.Order(StringComparer.Ordinal));

        own.Write("acme.example");
        foreach (string file in (string[])["acme.example.pem", "acme.example.key"])
            File.Delete(Path.Combine(folder, file));
        string certbot = Path.Combine(folder, "acme.example");
        System.IO.Directory.CreateDirectory(certbot);
        File.CreateSymbolicLink(Path.Combine(certbot, "fullchain.pem"), own.CertificatePath);
        File.CreateSymbolicLink(Path.Combine(certbot, "privkey.pem"), own.KeyPath);
        certificates.Reload();
        Assert.Equal(own.Thumbprint, Thumbprint(edge));
        own.Write("acme.example");                                                                                                 // renewed behind the link
        File.SetLastWriteTimeUtc(own.CertificatePath, DateTime.UtcNow.AddSeconds(5));
        certificates.Reload();
        Assert.Equal(own.Thumbprint, Thumbprint(edge));

        System.IO.Directory.Delete(certbot, recursive: true);
        certificates.Reload();
        Assert.Equal(main.Thumbprint, Thumbprint(edge));
        await before.SendAsync("\r\n\r\n");                                                                                      // who was connected noticed nothing
        Assert.Equal("\r\n", await before.ReceiveOctetsAsync(2));
    }

    [Fact]
    public async Task S19_the_TLS_ports_are_open_before_the_first_certificate_of_the_folder_is_there()
    {
        using var own = new CertificateFiles();
        own.Write("acme.example");
        string folder = Path.Combine(Path.GetDirectoryName(own.CertificatePath)!, "domains");
        await using TestEdge edge = await StartAsync(o => (o.CertificateFolder, o.WssPort) = (folder, EdgeOptions.AnyPort));
        Assert.NotNull(edge.Tls);
        Assert.NotNull(edge.Wss);
        await Assert.ThrowsAnyAsync<Exception>(() => StreamPeer.ConnectAsync(edge.Tls, own.Client("acme.example")));      // by whatever the handshake fails
        System.IO.Directory.CreateDirectory(folder);
        File.Copy(own.KeyPath, Path.Combine(folder, "acme.example.key"));
        File.Copy(own.CertificatePath, Path.Combine(folder, "acme.example.pem"));
        edge.Services.GetRequiredService<CertificateStore>().Reload();
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tls, own.Client("acme.example"));
        await phone.SendAsync("\r\n\r\n");
        Assert.Equal("\r\n", await phone.ReceiveOctetsAsync(2));
    }

    [Theory]
    [InlineData("sip")]
    [InlineData("http/1.1")]
    public async Task What_a_client_says_in_ALPN_does_not_matter(string protocol)         // I32
    {
        using var files = new CertificateFiles();
        files.Write("acme.example");
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath) = (files.CertificatePath, files.KeyPath));
        SslClientAuthenticationOptions client = files.Client("acme.example");
        client.ApplicationProtocols = [new SslApplicationProtocol(protocol)];
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tls, client);
        await phone.SendAsync("\r\n\r\n");
        Assert.Equal("\r\n", await phone.ReceiveOctetsAsync(2));
    }

    [Theory]
    [SupportedOSPlatform("linux")]                                                            // CipherSuitesPolicy, as the product
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, true)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, false)]              // not authenticated as one
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384, false)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM, false)]
    public async Task S19_only_cipher_suites_with_authenticated_encryption_are_taken(TlsCipherSuite suite, bool connects)
    {
        using var files = new CertificateFiles();
        files.Write("acme.example");
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath) = (files.CertificatePath, files.KeyPath));
        SslClientAuthenticationOptions client = files.Client("acme.example");
        client.EnabledSslProtocols = SslProtocols.Tls12;
        client.CipherSuitesPolicy = new CipherSuitesPolicy([suite]);
        if (!connects)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => StreamPeer.ConnectAsync(edge.Tls, client));
            return;
        }
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tls, client);
        Assert.Equal(suite, phone.Secure.NegotiatedCipherSuite);
    }

    [Fact]
    public async Task UDP_and_TCP_share_a_port_that_the_system_chose_on_every_address()
    {
        await using TestEdge edge = await StartAsync(o => o.Addresses = []);
        Assert.Equal(edge.Udp.Port, edge.Tcp.Port);
        Assert.Single(edge.Services.GetRequiredService<EdgeEndpoints>().All.Select(e => e.Local.Port).Distinct());
    }

    [Fact]
    public async Task What_is_queued_is_still_written_when_the_edge_stops()
    {
        TestEdge edge = await StartAsync();
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tcp);
        await phone.SendAsync(Request("REGISTER", "TCP"));
        string token = FlowOf(await edge.Worker.RequestAsync());
        edge.Worker.Send(Outward(token, edge.Worker.EdgeId));
        Assert.StartsWith("INVITE ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        await edge.DisposeAsync();
        Assert.Equal("", await phone.ReceiveRestAsync());
    }

    [Fact]
    public async Task Our_own_outgoing_connection_speaks_with_it()
    {
        using var files = new CertificateFiles();
        files.Write("acme.example");
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath) = (files.CertificatePath, files.KeyPath));
        var receiver = new Receiver();
        await using StreamFlow flow = await StreamFlow.ConnectAsync(edge.Tls, files.Client("acme.example"), receiver, TestContext.Current.CancellationToken);
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Encoding.ASCII.GetBytes(Request("OPTIONS", "TLS")), out SipMessage? options));
        Assert.True(flow.TrySend(options!));
        edge.Worker.Send(SipResponse.For(await edge.Worker.RequestAsync(), 200));
        Assert.StartsWith("SIP/2.0 200 ", await receiver.Messages.Reader.ReadAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await edge.DisposeAsync();
        await receiver.End.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.False(flow.IsOpen);
    }

    [Fact]
    public async Task Without_a_certificate_there_is_no_TLS_port()
    {
        await using TestEdge edge = await StartAsync();
        Assert.Null(edge.Tls);
        Assert.NotNull(edge.Tcp);
    }

#pragma warning disable CA5359 // Which certificate the edge chooses is looked at, whether it is good is not.
    private static StreamPeer ConnectAny(TestEdge edge, string name) => StreamPeer.ConnectAsync(edge.Tls, new SslClientAuthenticationOptions
    {
        TargetHost = name,
        RemoteCertificateValidationCallback = (_, _, _, _) => true,
    }).GetAwaiter().GetResult();
#pragma warning restore CA5359

    private static string Thumbprint(TestEdge edge, string name = "acme.example")
    {
        using StreamPeer phone = ConnectAny(edge, name);
        return phone.Secure.RemoteCertificate!.GetCertHashString();
    }

    private sealed class Receiver : IStreamFlowReceiver
    {
        public System.Threading.Channels.Channel<string> Messages { get; } = System.Threading.Channels.Channel.CreateUnbounded<string>();

        public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Receive(StreamFlow flow, ReadOnlySpan<byte> message) => Messages.Writer.TryWrite(Encoding.UTF8.GetString(message));

        public void Ended(StreamFlow flow) => End.TrySetResult();
    }
}
