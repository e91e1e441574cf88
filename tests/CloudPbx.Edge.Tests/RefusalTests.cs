using System.Diagnostics.Metrics;
using CloudPbx.Sip.Messages;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using static CloudPbx.Edge.Tests.TestEdge;

namespace CloudPbx.Edge.Tests;

public class RefusalTests
{
    // Faults of values that only their reader sees: the edge forwards these, a worker answers (regaut01, invut …).
    private static readonly string[] s_forwardedThoughWrong = ["baddate", "badaspec", "regbadct", "trws", "lwsstart", "escruri", "mismatch02", "badbranch", "zeromf", "unksm2", "sdp01"];

    public static TheoryData<string> TortureFiles => [.. Corpus.Rfc4475.Concat(Corpus.Rfc5118).Select(m => m.File)];

    [Theory]
    [MemberData(nameof(TortureFiles))]
    public async Task The_RFCs_messages_are_forwarded_answered_or_dropped_as_they_should(string file)
    {
        TortureMessage torture = Corpus.Rfc4475.Concat(Corpus.Rfc5118).Single(m => m.File == file);
        // Its domain counts as this installation's own name, so that every message finds the default tenant.
        await using TestEdge edge = await StartAsync(o => o.HostNames = [HostOf(torture.Octets)]);
        edge.Worker.Answer = request => SipResponse.For(request, 299);
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(torture.Octets);
        string? answer = await AnswerAsync(phone);

        if (torture.Kind?.StartsWith("response", StringComparison.Ordinal) == true)
        {
            Assert.Null(answer);
            Assert.False(edge.Worker.HasMore);      // none of them answers anything that we sent
            return;
        }
        if (answer is null)
        {
            Assert.True(!torture.Valid && torture.Responses is null, torture.Expect);
            return;
        }
        int status = int.Parse(answer.AsSpan(8, 3), System.Globalization.CultureInfo.InvariantCulture);
        if (status == 299)
            Assert.True(torture.Valid || torture.Class == "application" || s_forwardedThoughWrong.Contains(torture.Name) || torture.Responses is null, torture.Expect);
        else if (torture.Name is "zeromf")
            Assert.Equal(483, status);
        else
            Assert.True(torture.Responses?.Contains(status) ?? (!torture.Valid && status == 400), $"{status}: {torture.Expect}");
    }

    [Theory]
    [InlineData("CSeq: 1 OPTIONS", "CSeq: 99999999999 OPTIONS", "400 Malformed CSeq Number")]
    [InlineData("CSeq: 1 OPTIONS", "CSeq: 1 INVITE", "400 CSeq Method Mismatch")]
    [InlineData("Call-ID: c1\r\n", "", "400 Missing Call-ID")]
    [InlineData("Content-Length: 0", "Content-Length: 9999", "400 Content-Length Larger Than Message")]
    [InlineData("Content-Length: 0", "Content-Length: -1", "400 Malformed Content-Length")]
    [InlineData("Content-Length: 0", "Content-Length: 0\r\nl: 0", "400 More Than One Content-Length")]
    [InlineData("SIP/2.0\r\n", "SIP/7.0\r\n", "505 Version Not Supported")]
    [InlineData("Max-Forwards: 70", "Max-Forwards: 0", "483 Too Many Hops")]
    public async Task A_fault_is_answered_with_its_name(string right, string wrong, string expected)
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        string request = Request("OPTIONS");
        int at = request.IndexOf(right, StringComparison.Ordinal);
        await phone.SendAsync(request[..at] + wrong + request[(at + right.Length)..]);
        Assert.StartsWith($"SIP/2.0 {expected}\r\n", await phone.ReceiveAsync(), StringComparison.Ordinal);
        Assert.False(edge.Worker.HasMore);
    }

    [Theory]
    [InlineData("Max-Forwards: 70\r\n", "Max-Forwards: 70\n")]
    [InlineData("Call-ID: c1\r\n", "Call-ID: c1\nX-Hidden: 1\r\n")]
    [InlineData("Content-Length: 0\r\n\r\n", "Content-Length: 0\n\n")]
    public async Task I39_a_line_that_ends_with_LF_alone_is_never_guessed_at(string right, string wrong)      // RFC 3261 §7: CRLF; the next reader might see another message
    {
        await using TestEdge edge = await StartAsync();
        edge.Worker.Answer = request => SipResponse.For(request, 200);
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("OPTIONS").Replace(right, wrong, StringComparison.Ordinal));
        string? answer = await AnswerAsync(phone);
        Assert.True(answer is null || answer.StartsWith("SIP/2.0 400 Bare CR Or LF In Header\r\n", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task I40_a_Content_Length_beyond_the_datagram_gets_400_and_is_counted_and_a_shorter_one_cuts_the_rest_off()      // RFC 3261 §18.3
    {
        await using TestEdge edge = await StartAsync();
        using var readings = new MeterReadings(EdgeMetrics.MeterName, edge.Services.GetRequiredService<IMeterFactory>());
        SipRequest? forwarded = null;
        edge.Worker.Answer = request => SipResponse.For(forwarded = request, 200);
        using var phone = new UdpPeer(edge.Udp);
        string longer = Request("MESSAGE").Replace("Content-Length: 0\r\n\r\n", "Content-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello", StringComparison.Ordinal);
        await phone.SendAsync(longer);
        Assert.StartsWith("SIP/2.0 400 Content-Length Larger Than Message\r\n", await phone.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal(1, readings.Value("cloudpbx.edge.messages.malformed"));
        await phone.SendAsync(longer.Replace("Content-Length: 11", "Content-Length: 4", StringComparison.Ordinal).Replace("z9hG4bKb1", "z9hG4bKb2", StringComparison.Ordinal));
        Assert.StartsWith("SIP/2.0 200 ", await phone.ReceiveAsync(), StringComparison.Ordinal);
        Assert.Equal("hell", System.Text.Encoding.ASCII.GetString(forwarded!.Body.Span));
    }

    [Theory]
    [InlineData("ACK")]
    [InlineData("INVITE")]
    public async Task An_ACK_of_an_answer_of_the_edges_own_ends_there(string method)
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(Request("INVITE").Replace("Max-Forwards: 70", "Max-Forwards: 0", StringComparison.Ordinal));
        string answer = await phone.ReceiveAsync();
        string to = answer.Split("\r\n").Single(l => l.StartsWith("To: ", StringComparison.Ordinal))[4..];
        await phone.SendAsync(Request(method, to: to));
        Assert.True(method == "ACK" ? await phone.IsSilentAsync() && !edge.Worker.HasMore : (await edge.Worker.RequestAsync()).To!.Tag is not null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("hello")]
    [InlineData("SIP/2.0 999999 Big\r\n\r\n")]
    [InlineData("OPTIONS sip:a SIP/2.0\r\nVia: nonsense\r\n\r\n")]
    [InlineData("ACK sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n\r\n")]
    public async Task What_cannot_be_answered_is_dropped(string text)
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        await phone.SendAsync(text);
        Assert.True(await phone.IsSilentAsync());
        Assert.False(edge.Worker.HasMore);
    }

    [Fact]
    public async Task S32_an_answer_of_the_edges_own_does_not_amplify()
    {
        await using TestEdge edge = await StartAsync();
        using var phone = new UdpPeer(edge.Udp);
        string request = Request("OPTIONS", uri: "sip:1@gmail.example", from: "<sip:1@elsewhere.example>;tag=1", more: "Contact: <sip:1@10.9.9.9>\r\nAccept: application/sdp\r\n");
        await phone.SendAsync(request);
        string answer = await phone.ReceiveAsync();
        Assert.True(answer.Length <= request.Length, $"{answer.Length} octets for {request.Length}");
    }

    [Fact]
    public async Task A_mutated_message_never_ends_the_edge()
    {
        await using TestEdge edge = await StartAsync();
        edge.Worker.Answer = request => SipResponse.For(request, 200);
        using var phone = new UdpPeer(edge.Udp);
        var random = new Random(4475);
        byte[][] seeds = [.. Corpus.Rfc4475.Select(m => m.Octets)];
        for (int i = 0; i < 3000; i++)
        {
            byte[] octets = [.. seeds[random.Next(seeds.Length)]];
            for (int j = random.Next(1, 6); j > 0; j--)
                octets[random.Next(octets.Length)] = (byte)random.Next(256);
            await phone.SendAsync(octets);
        }
        using var other = new UdpPeer(edge.Udp);
        await other.SendAsync(Request("OPTIONS"));
        Assert.StartsWith("SIP/2.0 200 ", await other.ReceiveAsync(), StringComparison.Ordinal);
    }

    /// <summary>The answer, or null when a later request, which goes the same way, is answered first.</summary>
    private static async Task<string?> AnswerAsync(UdpPeer phone)
    {
        await phone.SendAsync(Request("OPTIONS", branch: "z9hG4bKsentinel", callId: "sentinel"));
        string first = await phone.ReceiveAsync();
        return first.Contains("z9hG4bKsentinel", StringComparison.Ordinal) ? null : first;
    }

    private static string HostOf(byte[] octets) =>
        SipMessageView.Parse(octets, out SipMessageView view) == SipParseError.None && view.IsRequest
        && SipUriView.Parse(view.RequestUri, out SipUriView uri) == SipParseError.None ? System.Text.Encoding.ASCII.GetString(uri.Host) : "localhost";
}
