using CloudPbx.Contracts.Ids;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;
using CloudPbx.State.Bans;

namespace CloudPbx.Edge.Guard;

/// <summary>Asks the bans about a message (S3). Who is banned gets silence: an answer would tell him, and put a wrongly configured phone off for good.</summary>
/// <remarks>Thread-safe; allocates nothing. While nobody is banned it costs the reading of a flag.</remarks>
internal sealed class BanGate(BanTable bans)
{
    /// <summary>Whether a whole source is banned.</summary>
    public bool Covers(in InternetEndPoint source) => bans.Covers(Source(source));

    /// <summary>Whether a request has credentials of an account that is banned as it is used from there. Nothing else of the account's is: neither what it sends
    /// without credentials, as in its calls, nor what it sends from elsewhere.</summary>
    public bool Covers(in InternetEndPoint source, Guid tenant, in SipMessageView request)
    {
        BanSource from = Source(source);
        return bans.HasAccounts(from) && bans.Covers(from, new TenantId(tenant), TenantFinder.DigestUser(request));
    }

    private static BanSource Source(in InternetEndPoint source) => new(source.Bits, source.IsIPv6);
}
