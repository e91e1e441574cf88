using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Api.Mail;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Tests.Mail;

/// <summary>Mail as it arrives at an SMTP server that others wrote (Debian's python3-aiosmtpd).</summary>
public sealed class MailerTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string Module = "/usr/lib/python3/dist-packages/aiosmtpd";

    private readonly int _port = FreePort();
    private Process? _server;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_mail_arrives_with_its_recipient_subject_and_text()
    {
        Start();
        Mailer mailer = Mailer(allowPlain: true);
        while (!await mailer.TrySendAsync("alice@example.com", "确认 your sign-up", "Open this link:\r\nhttps://pbx.example/confirm", Cancel))
            Assert.False(_server!.HasExited);                     // it has not begun to listen
        string mail = await ReadAsync("END MESSAGE");
        Assert.Contains("To: alice@example.com", mail, StringComparison.Ordinal);
        Assert.Contains("From: pbx@example.net", mail, StringComparison.Ordinal);
        Assert.Contains("Subject: =?utf-8?", mail, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("https://pbx.example/confirm", mail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_gets_nothing_unless_the_operator_allows_it()
    {
        Start();
        Mailer allowed = Mailer(allowPlain: true);
        while (!await allowed.TrySendAsync("bob@example.com", "first", "x", Cancel))
            Assert.False(_server!.HasExited);
        await ReadAsync("END MESSAGE");
        Assert.False(await Mailer(allowPlain: false).TrySendAsync("alice@example.com", "secret link", "x", Cancel));
    }

    [Fact]
    public async Task A_server_that_is_away_is_told_and_nobody_waits_long()
    {
        Mailer mailer = Mailer(allowPlain: true);
        Assert.False(await mailer.TrySendAsync("alice@example.com", "subject", "text", Cancel));
    }

    public void Dispose()
    {
        if (_server is { HasExited: false })
            _server.Kill();
        _server?.Dispose();
    }

    private void Start()
    {
        Assert.SkipUnless(System.IO.Directory.Exists(Module), "python3-aiosmtpd is not installed: ./pbx test installs it when it runs as root");
        ProcessStartInfo start = new(Python, ["-u", "-m", "aiosmtpd", "-n", "-l", $"127.0.0.1:{_port}", "-c", "aiosmtpd.handlers.Debugging", "stdout"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        _server = Process.Start(start)!;
        _server.ErrorDataReceived += static (_, _) => { };
        _server.BeginErrorReadLine();
    }

    private Mailer Mailer(bool allowPlain) => new(Options.Create(new MailOptions { Host = "127.0.0.1", Port = _port, From = "pbx@example.net", AllowPlain = allowPlain }), NullLogger<Mailer>.Instance);

    private async Task<string> ReadAsync(string end)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        List<string> lines = [];
        while (await _server!.StandardOutput.ReadLineAsync(deadline.Token) is { } line && !line.Contains(end, StringComparison.Ordinal))
            lines.Add(line);
        return string.Join('\n', lines);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
