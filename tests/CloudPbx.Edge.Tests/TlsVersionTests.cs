using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using CloudPbx.TestKit.Processes;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

/// <summary>Which versions of TLS the edge speaks, and that a connection is agreed on once (SECURITY.md S19, RFC 8996, RFC 9325 §3).</summary>
public sealed class TlsVersionTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly CertificateFiles _files = new();

    public TlsVersionTests() => _files.Write("acme.example");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The first message of a handshake by hand: a client of ours, or of the system's, may not even offer the old ones.</summary>
    [Theory]
    [InlineData(0, false)]                                       // SSL 3.0
    [InlineData(1, false)]                                       // TLS 1.0
    [InlineData(2, false)]                                       // TLS 1.1
    [InlineData(3, true)]                                        // TLS 1.2: that the hello is good, and nothing but its version is refused
    public async Task S19_a_hello_of_an_old_version_gets_an_alert_and_no_hello(byte minor, bool isTaken)
    {
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath) = (_files.CertificatePath, _files.KeyPath));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(edge.Tls, Cancel);
        await socket.SendAsync(ClientHello(minor), Cancel);
        byte[] answer = new byte[6];
        int length = 0;
        while (length < answer.Length && await socket.ReceiveAsync(answer.AsMemory(length), Cancel).AsTask().WaitAsync(s_patience, Cancel) is > 0 and int count)
            length += count;
        if (isTaken)
            Assert.Equal((0x16, 3, 3, 2), (answer[0], answer[1], answer[2], answer[5]));       // ServerHello (RFC 5246 §7.4)
        else
            Assert.Equal((6, 0x15, 2), (length, answer[0], answer[5]));                         // a fatal alert (§7.2)
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task S19_a_client_with_a_current_version_speaks_that_one(SslProtocols version)
    {
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath) = (_files.CertificatePath, _files.KeyPath));
        SslClientAuthenticationOptions client = _files.Client("acme.example");
#pragma warning disable CA5398 // One version is what is tested.
        client.EnabledSslProtocols = version;
#pragma warning restore CA5398
        using StreamPeer phone = await StreamPeer.ConnectAsync(edge.Tls, client);
        Assert.Equal(version, phone.Secure.SslProtocol);
        await phone.SendAsync("\r\n\r\n");
        Assert.Equal("\r\n", await phone.ReceiveOctetsAsync(2));
    }

    [Fact]
    public async Task S19_a_client_that_renegotiates_loses_its_connection()                        // CVE-2011-1473: each one costs us more than the client
    {
        Tools.Require("openssl");
        await using TestEdge edge = await StartAsync(o => (o.CertificatePath, o.KeyPath) = (_files.CertificatePath, _files.KeyPath));
        await using ChildProcess client = ChildProcess.Start(
            [Tools.Find("openssl")!, "s_client", "-connect", edge.Tls.ToString(), "-tls1_2", "-servername", "acme.example", "-CAfile", _files.AuthorityPath], Path.GetTempPath(), input: null);
        Assert.NotNull(await client.Output.WaitAsync(line => line.Contains("Verify return code: 0", StringComparison.Ordinal), 0, s_patience, Cancel));
        await client.WriteLineAsync("R", Cancel);                // s_client's word for it
        Assert.NotNull(await client.Output.WaitAsync(line => line.Contains("RENEGOTIATING", StringComparison.Ordinal), 0, s_patience, Cancel));
        Assert.True(await client.ExitedAsync(s_patience, Cancel) is > 0, client.Tail());       // one that has agreed again goes on
    }

    public void Dispose() => _files.Dispose();

    private static byte[] ClientHello(byte minor)
    {
        string random = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        // What servers of each version had: ECDHE with AES-CBC, and AES-GCM with the last one; curve P-256, uncompressed points, ECDSA with SHA-256.
        const string suites = "C02BC02FC009C00AC013C014", extensions = "000A000400020017" + "000B00020100" + "000D000400020403";
        string body = $"03{minor:X2}{random}00{Length(suites)}{suites}0100{Length(extensions)}{extensions}";
        string message = $"0100{Length(body)}{body}";
        return Convert.FromHexString($"16030{(minor == 0 ? 0 : 1)}{Length(message)}{message}");

        static string Length(string hex) => (hex.Length / 2).ToString("X4", CultureInfo.InvariantCulture);
    }
}
