using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CloudPbx.TestKit;

namespace CloudPbx.Scenarios;

/// <summary>The RFCs' torture messages (RFC 4475, RFC 5118), octet by octet to the running product: what answers, and that it lives on.</summary>
/// <remarks>A product for each transport: many of the messages have one and the same branch, and would be repeats of each other.</remarks>
public abstract partial class TortureScenarios(ProductFixture fixture)
{
    private static readonly string[] s_domains = ["example.com", "example.net", "example.org", "biloxi.example.com", "company.com", "t.example.com"];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Every message, by its path in the corpus.</summary>
    public static TheoryData<string> Messages() => [.. Corpus.Rfc4475.Concat(Corpus.Rfc5118).Select(m => m.File)];

    /// <summary>The product's UDP and TCP port.</summary>
    protected int Port => fixture.Phones.SipPort;

    /// <summary>Whether silence would be wrong: a status is prescribed.</summary>
    protected static bool IsAnswered(TortureMessage message) => message.Responses is { Count: > 0 };

    protected static void AssertVerdict(TortureMessage message, IEnumerable<int> statuses) => Assert.All(statuses, status =>
    {
        if (message.Responses is { Count: > 0 } prescribed)
            Assert.Contains(status, prescribed);
        else if (message.Valid && message.Name != "inv2543")         // without Content-Length, which a stream cannot do without
            Assert.NotEqual(400, status);
    });

    protected static TortureMessage MessageOf(string file) => Corpus.Rfc4475.Concat(Corpus.Rfc5118).First(m => m.File == file);

    // As long as a phone's: what the message before it was answered is counted against the same source (S32), and nobody repeats it here.
    protected static byte[] Probe(string transport, EndPoint local) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/{transport} {local};rport;branch=z9hG4bK{Guid.NewGuid():N}\r\nMax-Forwards: 70\r\nFrom: <sip:probe@example.com>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: probe-{Guid.NewGuid():N}\r\nCSeq: 1 OPTIONS\r\nUser-Agent: probe\r\nSubject: {new string('x', 200)}\r\nContent-Length: 0\r\n\r\n"));

    protected static (int Status, bool IsProbe) Read(byte[] octets)
    {
        string text = Encoding.Latin1.GetString(octets);
        return (int.Parse(text.AsSpan("SIP/2.0 ".Length, 3), CultureInfo.InvariantCulture), ProbesCallId().IsMatch(text));
    }

    /// <summary>Whether a response belongs to a message: it brings its Call-ID back (§8.2.6.2), or that of a message with the same branch and method, which is a repeat to a
    /// transaction layer (§17.2.3). What an earlier one still gets is not this one's.</summary>
    protected static bool Answers(byte[] octets, TortureMessage message)
    {
        string sent = Encoding.Latin1.GetString(message.Octets), response = Encoding.Latin1.GetString(octets);
        // In compact form where the whole name would make the answer longer than the request (S32).
        string? callId = response.Split("\r\n").FirstOrDefault(line => line.StartsWith("Call-ID:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("i:", StringComparison.Ordinal));
        return callId is null || sent.Contains(callId[(callId.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(), StringComparison.Ordinal)
            || (Branch().Match(response) is { Success: true } branch && sent.Contains(branch.Value, StringComparison.Ordinal) && SequenceMethod().Match(response).Value == sent.Split(' ', 2)[0]);
    }

    [GeneratedRegex(@"(?<=^CSeq:\s*\d+\s+)[^\s]+", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex SequenceMethod();

    [GeneratedRegex("(?<=branch=)[^;,\\s]+", RegexOptions.IgnoreCase)]
    private static partial Regex Branch();

    [GeneratedRegex("^(?:Call-ID|i): ?probe-", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex ProbesCallId();

    /// <summary>Founds the tenant that the messages are for.</summary>
    protected async Task FoundAsync()
    {
        var document = new JsonObject
        {
            ["name"] = "torture",
            ["domains"] = new JsonArray([.. s_domains.Select(d => JsonValue.Create(d))]),
            ["extensions"] = new JsonArray(new JsonObject { ["number"] = "100", ["devices"] = new JsonArray(new JsonObject { ["authUser"] = "user", ["secret"] = "a long enough secret 1" }) }),
        };
        await fixture.Pbx.Api.PutAsync("tenants/torture/document", document.ToJsonString(), Cancel);
    }
}
