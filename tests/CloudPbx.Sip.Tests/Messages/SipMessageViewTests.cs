using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Fuzzing;

namespace CloudPbx.Sip.Tests.Messages;

public class SipMessageViewTests
{
    [Fact]
    public void A_view_finds_what_forwarding_needs()
    {
        Assert.Equal(SipParseError.None, SipMessageView.Parse(Corpus.Load("captured/invite-with-sdp.sip"), out SipMessageView view));
        Assert.True(view.IsRequest);
        Assert.Equal("sips:bob@sip.test", Encoding.ASCII.GetString(view.RequestUri));
        Assert.Equal(SipMethod.Invite, view.Method);
        Assert.True(view.TryFind(SipHeaderName.Via, out SipHeaderView header));
        Assert.Equal(SipParseError.None, ViaView.Parse(header.Value, out ViaView via));
        Assert.Equal("z9hG4bKQ3Ug2ZXXcKB6K", Encoding.ASCII.GetString(via.Branch));
        Assert.Equal((40381, true), (via.Port, via.HasRPort));
        Assert.StartsWith("v=0", Encoding.ASCII.GetString(view.Body), StringComparison.Ordinal);
        Assert.Equal("Via: SIP/2.0/TLS 192.0.2.2:40381;rport;branch=z9hG4bKQ3Ug2ZXXcKB6K", Encoding.ASCII.GetString(view.Octets[header.Line]));
        Assert.False(view.TryFind(SipHeaderName.Route, out _));
    }

    [Fact]
    public void A_folded_field_is_one_line()
    {
        Assert.Equal(SipParseError.None, SipMessageView.Parse("OPTIONS sip:a SIP/2.0\r\nX : a\r\n b\r\nY:\r\n\r\n"u8, out SipMessageView view));
        Assert.Equal(2, view.HeaderCount);
        Assert.Equal(("X", "a\r\n b"), (Encoding.ASCII.GetString(view.GetHeader(0).NameText), Encoding.ASCII.GetString(view.GetHeader(0).Value)));
        Assert.True(view.GetHeader(1).Value.IsEmpty);
    }

    [Fact]
    public void A_fold_before_the_first_field_is_refused() =>
        Assert.Equal(SipParseError.HeaderLine, SipMessageView.Parse("OPTIONS sip:a SIP/2.0\r\n X: a\r\n\r\n"u8, out _));

    [Fact]
    public void With_a_fault_the_other_fields_are_still_there()
    {
        Assert.Equal(SipParseError.HeaderLine, SipMessageView.Parse("OPTIONS sip:a SIP/2.0\r\nnonsense\r\nVia: SIP/2.0/UDP h\r\n\r\n"u8, out SipMessageView view));
        Assert.True(view.IsAnswerable);
        Assert.Equal(1, view.HeaderCount);
    }

    [Fact]
    public void Reading_a_message_in_place_allocates_nothing()
    {
        IReadOnlyList<byte[]> messages = SipSeeds.Messages;
        Read(messages);                                                      // tables are made once
        long before = GC.GetAllocatedBytesForCurrentThread();
        Read(messages);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Read(IReadOnlyList<byte[]> messages)
    {
        for (int m = 0; m < messages.Count; m++)
        {
            SipMessageView.Parse(messages[m], out SipMessageView view);
            view.FindFault();
            _ = view.IsAnswerable;
            SipUriView.Parse(view.RequestUri, out SipUriView uri);
            uri.TryGetParameter("transport"u8, out _);
            for (int i = 0; i < view.HeaderCount; i++)
            {
                SipHeaderView header = view.GetHeader(i);
                SipValueReader values = new(header.Value);
                while (values.TryRead(out ReadOnlySpan<byte> value))
                {
                    if (header.Name == SipHeaderName.Via)
                    {
                        ViaView.Parse(value, out ViaView via);
                        _ = via.Branch.Length + via.Host.Length + via.Port;
                    }
                    else
                    {
                        NameAddressView.Parse(value, out NameAddressView address);
                        _ = address.Tag.Length + address.Uri.User.Length;
                    }
                }
            }
        }
    }
}
