using System.Buffers.Text;
using System.Globalization;
using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>A worker tells an edge which worker owns a tenant: <c>MOVED sip:TENANT@HOST:PORT;epoch=N SIP/2.0</c>. It is not answered.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Worker">Its owner.</param>
/// <param name="Epoch">The owner's activation: a higher one wins, whatever comes first.</param>
public readonly record struct MovedNotice(Guid Tenant, WorkerAddress Worker, long Epoch)
{
    /// <summary>The whole message.</summary>
    public byte[] ToBytes() => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"""
        MOVED sip:{Tenant:N}@{Worker};epoch={Epoch} SIP/2.0
        Via: SIP/2.0/TCP {InnerNames.WorkerVia(Tenant)};branch=z9hG4bKmoved
        Max-Forwards: 1
        From: <sip:{InnerNames.WorkerHost}>;tag=moved
        To: <sip:{Tenant:N}@{InnerNames.WorkerHost}>
        Call-ID: moved-{Tenant:N}
        CSeq: 1 MOVED
        Content-Length: 0


        """).ReplaceLineEndings("\r\n"));

    /// <summary>Reads a notice.</summary>
    /// <param name="message">What came from a worker.</param>
    /// <param name="notice">The notice.</param>
    /// <returns>False when the message is none.</returns>
    public static bool TryRead(in SipMessageView message, out MovedNotice notice)
    {
        notice = default;
        if (!message.MethodText.SequenceEqual("MOVED"u8) || SipUriView.Parse(message.RequestUri, out SipUriView uri) != SipParseError.None
            || !InnerNames.TryReadTenant(uri.User, out Guid tenant) || uri.Host.IsEmpty || uri.Port < 0
            || !uri.TryGetParameter("epoch"u8, out ReadOnlySpan<byte> text) || !Utf8Parser.TryParse(text, out long epoch, out int read) || read != text.Length)
            return false;
        ReadOnlySpan<byte> host = uri.Host[0] == '[' ? uri.Host[1..^1] : uri.Host;
        notice = new MovedNotice(tenant, new WorkerAddress(Encoding.ASCII.GetString(host), uri.Port), epoch);
        return true;
    }
}
