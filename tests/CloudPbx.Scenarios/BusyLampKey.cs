using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CloudPbx.Softphone;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios;

/// <summary>A desk phone's busy lamp key of raw octets (RFC 6665, RFC 4235): none of our stack is in it, and nothing is answered by itself.</summary>
internal sealed partial class BusyLampKey : IAsyncDisposable
{
    private readonly HostileCarrier _phone;
    private readonly PhoneOptions _account;
    private readonly string _extension;
    private readonly string _id = Guid.NewGuid().ToString("N");
    private int _cseq;

    private BusyLampKey(HostileCarrier phone, PhoneOptions account, string extension) => (_phone, _account, _extension) = (phone, account, extension);

    /// <summary>A key of a phone at an address of its own, by UDP.</summary>
    public static BusyLampKey At(string address, IPbxUnderTest pbx, PhoneOptions account, string extension) =>
        new(HostileCarrier.Listen(IPAddress.Parse(address), new IPEndPoint(IPAddress.Loopback, pbx.SipPort)), account, extension);

    /// <summary>All that was said so far.</summary>
    public string Trace => _phone.Trace;

    /// <summary>How many NOTIFYs came.</summary>
    public int Notifies => _phone.Count("NOTIFY");

    /// <summary>Subscribes, through the challenge.</summary>
    /// <param name="package">The event package.</param>
    /// <returns>The final response.</returns>
    public async Task<RawMessage> SubscribeAsync(string package = "dialog")
    {
        string uri = $"sip:{_extension}@{_account.Domain}";
        Subscribe(uri, package, "600", "", "");
        RawMessage challenge = await _phone.ExpectAsync("407 SUBSCRIBE");
        Subscribe(uri, package, "600", "", "Proxy-Authorization: " + RawDigest.Answer(challenge, _account.User, _account.Password, "SUBSCRIBE", uri));
        return await _phone.ExpectAsync("200 SUBSCRIBE | 489 SUBSCRIBE | 404 SUBSCRIBE");
    }

    /// <summary>Refreshes in the dialog.</summary>
    /// <param name="accepted">The response that made it.</param>
    /// <param name="tag">Another tag than our own, where it is to be a dialog that nobody knows.</param>
    /// <returns>The final response.</returns>
    public async Task<RawMessage> RefreshAsync(RawMessage accepted, string? tag = null)
    {
        Subscribe(accepted.Target, "dialog", "600", ";tag=" + (tag ?? accepted.Tag("To")), "");
        return await _phone.ExpectAsync("200 SUBSCRIBE | 481 SUBSCRIBE");
    }

    /// <summary>Takes the next NOTIFY and answers it.</summary>
    public async Task<(string Lamp, int Version, int CSeq)> NotifiedAsync(string status = "200 OK")
    {
        RawMessage notify = await _phone.ExpectAsync("NOTIFY");
        _phone.Answer(notify, status);
        Assert.Contains("state=\"full\"", notify.Body, StringComparison.Ordinal);
        return (
            string.Join(' ', States().Matches(notify.Body).Select(match => match.Groups[1].Value)),
            int.Parse(Versions().Match(notify.Body).Groups[1].Value, CultureInfo.InvariantCulture), notify.Sequence);
    }

    public ValueTask DisposeAsync() => _phone.DisposeAsync();

    private void Subscribe(string uri, string package, string expires, string toTag, string credentials) => _phone.Send(
        $"""
        SUBSCRIBE {uri} SIP/2.0
        Via: SIP/2.0/UDP [local];branch=[branch];rport
        Max-Forwards: 70
        From: <sip:{_account.User}@{_account.Domain}>;tag={_id}
        To: <sip:{_extension}@{_account.Domain}>{toTag}
        Call-ID: {_id}
        CSeq: {++_cseq} SUBSCRIBE
        Contact: <sip:{_account.User}@[local]>
        o: {package}
        Accept: application/dialog-info+xml
        Expires: {expires}{(credentials.Length == 0 ? "" : "\n" + credentials)}
        Content-Length: 0
        """);

    [GeneratedRegex("<state>([a-z]+)</state>")]
    private static partial Regex States();

    [GeneratedRegex(" version=\"([0-9]+)\"")]
    private static partial Regex Versions();
}
