using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using static CloudPbx.Sip.Tests.Proxying.Forwarding;

namespace CloudPbx.Sip.Tests.Proxying;

public class BranchTests
{
    private const string Old = "Via: SIP/2.0/UDP 10.0.0.5:5060";            // RFC 2543: no branch
    private const string Bare = "Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK";

    [Fact]
    public void A_retransmission_gets_the_same_branch() => Assert.Equal(Branch(Inward(Invite())), Branch(Inward(Invite())));

    [Theory]            // RFC 3261 §16.11: CANCEL and the ACK of a refusal belong to their INVITE's transaction
    [InlineData("Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKabc;rport")]
    [InlineData(Old)]
    [InlineData(Bare)]
    public void CANCEL_and_ACK_get_their_INVITEs_branch(string via)
    {
        string invite = Branch(Inward(Invite(via)));
        Assert.Equal(invite, Branch(Inward(Invite(via, method: "CANCEL"))));
        Assert.Equal(invite, Branch(Inward(Invite(via, method: "ACK", to: "<sip:101@acme.example>;tag=2"))));
        Assert.StartsWith("z9hG4bK", invite, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_stands_for_a_request_and_its_retransmissions()
    {
        Assert.Equal(Number(Invite()), Number(Invite(more: "User-Agent: a\r\n")));
        Assert.NotEqual(Number(Invite()), Number(Invite("Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKabd;rport")));
        Assert.NotEqual(Number(Invite(Old)), Number(Invite(Old).Replace("Call-ID: c1", "Call-ID: c2", StringComparison.Ordinal)));

        static ulong Number(string request)
        {
            Assert.Equal(SipParseError.None, SipMessageView.Parse(Encoding.ASCII.GetBytes(request), out SipMessageView view));
            return BranchHash.NumberOf(Key, view);
        }
    }

    [Theory]
    [InlineData("Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKabd;rport")]
    [InlineData("Via: SIP/2.0/UDP 10.0.0.6:5060;branch=z9hG4bKabc;rport")]
    [InlineData("Via: SIP/2.0/UDP 10.0.0.5:5061;branch=z9hG4bKabc;rport")]
    [InlineData("Via: SIP/2.0/UDP 10.0.0.5;branch=z9hG4bKabc;rport")]
    public void Another_transaction_gets_another_branch(string via) => Assert.NotEqual(Branch(Inward(Invite())), Branch(Inward(Invite(via))));

    [Theory]            // RFC 4475 §3.2.1 badbranch: the bare cookie must not merge unrelated requests
    [InlineData(Old)]
    [InlineData(Bare)]
    public void Without_a_unique_branch_the_call_makes_the_difference(string via)
    {
        string one = Branch(Inward(Invite(via)));
        Assert.NotEqual(one, Branch(Inward(Invite(via).Replace("Call-ID: c1", "Call-ID: c2", StringComparison.Ordinal))));
        Assert.NotEqual(one, Branch(Inward(Invite(via).Replace("CSeq: 1 ", "CSeq: 2 ", StringComparison.Ordinal))));
        Assert.NotEqual(one, Branch(Inward(Invite(via).Replace(";tag=1", ";tag=9", StringComparison.Ordinal))));
    }

    [Fact]
    public void Host_names_have_no_case() => Assert.Equal(
        Branch(Inward(Invite("Via: SIP/2.0/UDP phone.example;branch=z9hG4bKabc"))), Branch(Inward(Invite("Via: SIP/2.0/UDP PHONE.Example;branch=z9hG4bKabc"))));

    [Fact]
    public void Long_branches_are_told_apart_by_their_last_character()
    {
        string branch = "Via: SIP/2.0/UDP a;branch=z9hG4bK" + new string('x', 1000);
        Assert.NotEqual(Branch(Inward(Invite(branch + "1"))), Branch(Inward(Invite(branch + "2"))));
    }
}
