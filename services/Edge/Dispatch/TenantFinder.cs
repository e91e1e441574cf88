using System.Text;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.Edge.Dispatch;

/// <summary>What became of the search for a request's tenant.</summary>
internal enum TenantVerdict
{
    Found,

    /// <summary>Found, and a carrier sent it whose word about identities counts (RFC 3325 §5), or it is for a registered line or a tenant's number, whose owner looks at its source himself.</summary>
    FoundByCarrier,

    /// <summary>A carrier that several tenants share asks whether we are there: it names no number, and gets an answer (I30).</summary>
    CarrierProbe,

    /// <summary>The request is for a domain that is not ours: 404, never a relay.</summary>
    Foreign,

    /// <summary>The Request-URI's scheme means nothing to us and nothing else names a tenant: 416 (RFC 3261 §8.2.2.1).</summary>
    UnknownScheme,
}

/// <summary>Finds the tenant of a request. Pure; never allocates.</summary>
internal static class TenantFinder
{
    /// <summary>Asks, in this order: our token in the Request-URI (a shared trunk's line leads to the called number's tenant) or Route; a carrier's source address, never for REGISTER or SUBSCRIBE; the host of From (of To for REGISTER); the host of the Request-URI; a user
    /// that is unique on the platform; who last authenticated on this flow; a number that a registrar's INVITE calls; the default tenant. The last four only where the host is ours.</summary>
    /// <param name="request">A request without fault.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="carrier">The carrier whose address it came from, if any: nothing else in it is believed then. Where tenants share it, a request from one of our domains to no number of a trunk's is a phone's.</param>
    /// <param name="flowTenant">Who last authenticated on the flow.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="isRegistrar">Whether a line of somebody's is registered there.</param>
    /// <param name="requestUri">Our Contact out of Route, where a strict router has put it there (RFC 3261 §16.4); else empty.</param>
    public static TenantVerdict Find(in SipMessageView request, DirectoryIndex directory, Carrier? carrier, Guid? flowTenant, out Guid tenant, out ReadOnlySpan<byte> requestUri,
        bool isRegistrar = false)
    {
        requestUri = default;
        bool readable = SipUriView.Parse(request.RequestUri, out SipUriView target) == SipParseError.None;
        bool isSip = readable && target.Scheme is SipScheme.Sip or SipScheme.Sips;
        if (isSip && ContactToken.TryParse(target.User, out ContactToken token))
        {
            if (directory.Knows(token.Tenant))
            {
                tenant = token.Tenant;
                return token.Leg == ContactToken.LineLeg ? TenantVerdict.FoundByCarrier : TenantVerdict.Found;
            }
            if (token.Leg == ContactToken.LineLeg && directory.TryFindSharedLine(token.Tenant, out Carrier? registrar))
                return FindByLine(request, directory, registrar, out tenant);
        }
        if (isSip && TryFindInRoute(request, directory, out tenant, out requestUri))
            return TenantVerdict.Found;

        bool isRegister = request.MethodText.SequenceEqual("REGISTER"u8);
        _ = TryReadAddress(request, SipHeaderName.From, out NameAddressView from);
        if (carrier is not null && !isRegister && !request.MethodText.SequenceEqual("SUBSCRIBE"u8))
            return FindByCarrier(request, directory, carrier, from.Uri.Host, out tenant);
        _ = TryReadAddress(request, SipHeaderName.To, out NameAddressView to);
        if (directory.TryFindDomain(isRegister ? to.Uri.Host : from.Uri.Host, out tenant))
            return TenantVerdict.Found;
        bool isKnownScheme = isSip || (readable && (target.Scheme == SipScheme.Tel || target.IsEmergencyService));
        if (!isKnownScheme)
            return TenantVerdict.UnknownScheme;
        if (isSip && directory.TryFindDomain(target.Host, out tenant))
            return TenantVerdict.Found;
        if (isSip && !directory.IsOwnHost(target.Host))
            return TenantVerdict.Foreign;

        if (directory.TryFindUser(from.Uri.User, out tenant) || directory.TryFindUser(to.Uri.User, out tenant)
            || directory.TryFindUser(DigestUser(request), out tenant))
            return TenantVerdict.Found;
        // I10: registrars that call a line by its number, and not at its Contact. Whose number it is looks whether one of its lines is there; nobody else learns whose it is.
        if (isRegistrar && isSip && flowTenant is null && request.MethodText.SequenceEqual("INVITE"u8) && directory.TryFindNumber(target.User, out tenant))
            return TenantVerdict.FoundByCarrier;
        if ((flowTenant ?? directory.DefaultTenant) is { } known)
        {
            tenant = known;
            return TenantVerdict.Found;
        }
        return TenantVerdict.Foreign;
    }

    // A line of a shared trunk: whose number is called looks whether its carrier calls. Nobody else's word counts for it.
    private static TenantVerdict FindByLine(in SipMessageView request, DirectoryIndex directory, Carrier registrar, out Guid tenant)
    {
        tenant = default;
        if (registrar.ReadCalledNumber(request) is { } number && directory.TryFindNumber(number, out tenant))
            return TenantVerdict.FoundByCarrier;
        return request.MethodText.SequenceEqual("OPTIONS"u8) ? TenantVerdict.CarrierProbe : TenantVerdict.Foreign;
    }

    private static TenantVerdict FindByCarrier(in SipMessageView request, DirectoryIndex directory, Carrier carrier, ReadOnlySpan<byte> from, out Guid tenant)
    {
        tenant = carrier.Tenant ?? default;
        if (carrier.Tenant is not null)
            return TenantVerdict.FoundByCarrier;
        if (carrier.ReadCalledNumber(request) is { } number && directory.TryFindNumber(number, out tenant))
            return TenantVerdict.FoundByCarrier;
        if (request.MethodText.SequenceEqual("OPTIONS"u8))
            return TenantVerdict.CarrierProbe;
        // Gateway and phones behind one address: who writes one of our domains and dials no number of a trunk's may be a phone. Its tenant asks for its credentials.
        return directory.TryFindDomain(from, out tenant) ? TenantVerdict.Found : TenantVerdict.Foreign;
    }

    private static bool TryFindInRoute(in SipMessageView request, DirectoryIndex directory, out Guid tenant, out ReadOnlySpan<byte> requestUri)
    {
        tenant = default;
        requestUri = default;
        for (int i = request.IndexOf(SipHeaderName.Route); i >= 0; i = request.IndexOf(SipHeaderName.Route, i + 1))
        {
            var values = new SipValueReader(request.GetHeader(i).Value);
            while (values.TryRead(out ReadOnlySpan<byte> value))
            {
                if (NameAddressView.Parse(value, out NameAddressView route) != SipParseError.None
                    || !ContactToken.TryParse(route.Uri.User, out ContactToken token) || !directory.Knows(token.Tenant))
                    continue;
                tenant = token.Tenant;
                requestUri = route.Uri.Text;
                return true;
            }
        }
        return false;
    }

    private static bool TryReadAddress(in SipMessageView request, SipHeaderName name, out NameAddressView address)
    {
        address = default;
        return request.TryFind(name, out SipHeaderView header) && NameAddressView.Parse(header.Value, out address) == SipParseError.None;
    }

    // The user name of digest credentials, as far as a directory may know it: quoted, without escapes.
    internal static ReadOnlySpan<byte> DigestUser(in SipMessageView request)
    {
        if (!request.TryFind(SipHeaderName.Authorization, out SipHeaderView header) && !request.TryFind(SipHeaderName.ProxyAuthorization, out header))
            return default;
        ReadOnlySpan<byte> rest = header.Value;
        ReadOnlySpan<byte> name = "username="u8;
        for (int i = 0; i + name.Length < rest.Length; i++)
        {
            if (!Ascii.EqualsIgnoreCase(rest.Slice(i, name.Length), name) || (i > 0 && !" ,\t\n"u8.Contains(rest[i - 1])))
                continue;
            rest = rest[(i + name.Length)..];
            if (rest[0] != '"')
                return default;
            rest = rest[1..];
            int end = rest.IndexOfAny((byte)'"', (byte)'\\');
            return end > 0 && rest[end] == '"' ? rest[..end] : default;
        }
        return default;
    }
}
