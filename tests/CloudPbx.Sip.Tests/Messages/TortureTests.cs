using CloudPbx.Sip.Messages;
using CloudPbx.TestKit;
using static CloudPbx.Sip.Messages.SipParseError;

namespace CloudPbx.Sip.Tests.Messages;

/// <summary>Every message of RFC 4475 and RFC 5118 gets its verdict from the parser, as in a datagram.</summary>
public class TortureTests
{
    // Malformed by its RFC's index, but to be accepted: what is wrong matters to nobody, or only the application can see it.
    private static readonly string[] s_tolerated = ["baddate"];

    private static readonly Dictionary<string, SipParseError> s_faults = new()
    {
        ["badinv01"] = SipParseError.Via,
        ["clerr"] = ContentLengthTooLarge,
        ["ncl"] = ContentLength,
        ["scalar02"] = CSeqNumber,
        ["scalarlg"] = CSeqNumber,
        ["quotbal"] = To,
        ["ltgtruri"] = SipParseError.RequestUri,
        ["lwsruri"] = SipParseError.RequestUri,
        ["lwsstart"] = RequestLineSpace,
        ["trws"] = RequestLineSpace,
        ["escruri"] = RequestUriHeaders,
        ["regbadct"] = Contact,
        ["badaspec"] = To,
        ["baddn"] = HeaderSectionOpen,
        ["badvers"] = SipParseError.Version,
        ["mismatch01"] = CSeqMismatch,
        ["mismatch02"] = CSeqMismatch,
        ["bigcode"] = StatusCode,
        ["insuf"] = MissingFrom,
        ["multi01"] = DuplicateCSeq,
        ["mcl01"] = DuplicateContentLength,
        ["ipv6-bad"] = SipParseError.RequestUri,
    };

    public static TheoryData<string> Names => [.. All.Select(message => message.Name)];

    private static IEnumerable<TortureMessage> All => Corpus.Rfc4475.Concat(Corpus.Rfc5118);

    [Fact]
    public void The_corpus_is_whole() => Assert.Equal((49, 12), (Corpus.Rfc4475.Count, Corpus.Rfc5118.Count));

    [Theory]
    [MemberData(nameof(Names))]
    public void Parser_gives_the_verdict_of_the_index(string name)
    {
        TortureMessage torture = All.Single(message => message.Name == name);
        SipParseError error = SipMessage.TryParse(torture.Octets, out SipMessage? message);
        Assert.Equal(s_faults.GetValueOrDefault(name), error);
        Assert.Equal(torture.Valid || s_tolerated.Contains(name), error == None);
        bool response = torture.Kind?.StartsWith("response", StringComparison.Ordinal) == true;
        if (error == None)
            Assert.Equal(response, message is SipResponse);
        else if (response)
            Assert.Null(message);                       // discarded
        else
            Assert.True(torture.Responses is null || torture.Responses.Contains(error.ToStatusCode()), error.ToString());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_refused_request_can_be_answered(string name)
    {
        SipParseError error = SipMessage.TryParse(All.Single(message => message.Name == name).Octets, out SipMessage? message);
        if (error == None || message is not SipRequest request)
            return;
        SipResponse answer = SipResponse.For(request, error.ToStatusCode(), error.ToReasonPhrase(), "tag");
        Assert.StartsWith($"SIP/2.0 {error.ToStatusCode()} {error.ToReasonPhrase()}\r\nVia:", answer.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(request.TopVia.Host);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_well_formed_message_is_written_back_with_every_field_and_its_body(string name)
    {
        byte[] octets = All.Single(message => message.Name == name).Octets;
        if (SipMessage.TryParse(octets, out SipMessage? message) != None)
            return;
        byte[] written = message!.ToBytes();
        Assert.Equal(None, SipMessage.TryParse(written, out SipMessage? again));
        Assert.Equal(message.Headers.AsEnumerable(), again!.Headers.Take(message.Headers.Count));
        Assert.Equal(message.Body, again.Body);
        if (message.Headers.Has(SipHeaderName.ContentLength))
            Assert.Equal(octets[..written.Length], written);        // octet for octet: nothing was changed
    }
}
