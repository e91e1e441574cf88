using System.Text;
using CloudPbx.Load.Sip;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Load.Tests.Sip;

public class SipTextTests
{
    private const string Invite = "INVITE sip:bob@b SIP/2.0\r\nVia: SIP/2.0/UDP one;branch=z9hG4bKload0000002a.1\r\nVia: SIP/2.0/UDP two;branch=z9hG4bKx\r\n"
        + "From: <sip:a@b>;tag=1\r\nTo: <sip:bob@b>\r\nCall-ID: c1\r\nCSeq: 7 INVITE\r\nRecord-Route: <sip:p;lr>\r\nContent-Length: 4\r\n\r\nbody";

    [Fact]
    public void Answers_copy_what_the_standard_says_and_repeat_the_tag()
    {
        string answer = Answer("200 OK");
        Assert.StartsWith("SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP one;branch=z9hG4bKload0000002a.1\r\nVia: SIP/2.0/UDP two;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:bob@b>;tag=a", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nRecord-Route: <sip:p;lr>\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Encoding.ASCII.GetBytes(answer), out _));
        Assert.Equal(answer, Answer("200 OK"));
    }

    [Fact]
    public void A_stream_is_cut_by_content_length()
    {
        byte[] stream = Encoding.ASCII.GetBytes(Invite + Invite);
        Assert.Equal(Invite.Length, SipText.WholeLength(stream));
        Assert.Equal(0, SipText.WholeLength(stream.AsSpan(0, Invite.Length - 1)));
        Assert.Equal(0, SipText.WholeLength(stream.AsSpan(0, 40)));
    }

    [Fact]
    public void The_branch_names_unit_and_step()
    {
        Assert.True(UnitBranch.TryRead(Encoding.ASCII.GetBytes(Invite), out uint unit, out int step));
        Assert.Equal((42u, 1), (unit, step));
    }

    [Theory]
    [InlineData("Digest realm=\"a b\", nonce=\"xyz\", qop=\"auth\"", "nonce", "xyz")]
    [InlineData("Digest cnonce=\"no\",nonce=yes,algorithm=MD5", "nonce", "yes")]
    [InlineData("Digest realm=\"a b\"", "realm", "a b")]
    public void Parameters_of_a_challenge_are_found_by_their_whole_name(string challenge, string name, string expected)
    {
        Assert.True(SipText.TryFindParameter(Encoding.ASCII.GetBytes(challenge), Encoding.ASCII.GetBytes(name), out ReadOnlySpan<byte> value));
        Assert.Equal(expected, Encoding.ASCII.GetString(value));
    }

    private static string Answer(string status)
    {
        byte[] octets = new byte[2048];
        int length = Answers.Write(Encoding.ASCII.GetBytes(Invite), Encoding.ASCII.GetBytes(status), default, default, octets);
        return Encoding.ASCII.GetString(octets, 0, length);
    }
}
