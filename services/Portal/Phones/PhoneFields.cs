using System.Globalization;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.Phones;

/// <summary>What is typed into which field of a phone, under the names that the phone's own page has.</summary>
internal static class PhoneFields
{
    /// <summary>The fields in the order of the phone's page. Names of a program's own fields stay as that program writes them.</summary>
    /// <param name="kind">The phone.</param>
    /// <param name="account">The account.</param>
    /// <param name="texts">The words.</param>
    public static IReadOnlyList<PhoneField> Of(PhoneKind kind, PhoneAccount account, Texts texts)
    {
        string port = account.Port.ToString(CultureInfo.InvariantCulture);
        string secret = account.Password ?? texts["connect.secret-hidden"];
        bool hidden = account.Password is not null;
        return kind switch
        {
            // GNOME Calls registers at the server that it is given, and has no field for a domain: the server's address leads to the default tenant, any other is found by its domain alone.
            PhoneKind.Gnome =>
            [
                new("server", texts["gnome.server"], account.IsDefault ? account.Server : account.Domain),
                new("display", texts["gnome.display"], account.DisplayName),
                new("user", texts["gnome.user"], account.User),
                new("password", texts["gnome.password"], secret, hidden, hidden),
                new("port", texts["gnome.port"], port),
                new("transport", texts["gnome.transport"], "TLS", IsCopied: false),
                new("encryption", texts["gnome.encryption"], texts["gnome.encryption-any"], IsCopied: false),
            ],
            PhoneKind.Linphone =>
            [
                new("user", texts["linphone.user"], account.User),
                new("password", texts["linphone.password"], secret, hidden, hidden),
                new("domain", texts["linphone.domain"], account.Domain),
                new("display", texts["linphone.display"], account.DisplayName),
                new("transport", texts["linphone.transport"], "TLS", IsCopied: false),
                new("proxy", texts["linphone.proxy"], $"sip:{Bracketed(account.Server)}:{port};transport=tls"),
            ],
            PhoneKind.Desk =>
            [
                new("account", texts["desk.account"], account.User),
                new("user", texts["desk.auth"], account.User),
                new("password", texts["desk.password"], secret, hidden, hidden),
                new("domain", texts["desk.server"], account.Domain),
                new("proxy", texts["desk.proxy"], account.Server),
                new("port", texts["desk.port"], port),
                new("transport", texts["desk.transport"], "TLS", IsCopied: false),
                new("srtp", texts["desk.srtp"], texts["desk.srtp-value"], IsCopied: false),
            ],
            _ =>
            [
                new("address", texts["other.address"], $"sip:{account.User}@{account.Domain}"),
                new("user", texts["other.user"], account.User),
                new("password", texts["other.password"], secret, hidden, hidden),
                new("domain", texts["other.domain"], account.Domain),
                new("server", texts["other.server"], account.Server),
                new("tls", texts["other.tls"], port),
                new("udp", texts["other.udp"], account.UdpPort.ToString(CultureInfo.InvariantCulture)),
            ],
        };
    }

    private static string Bracketed(string host) => host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
}
