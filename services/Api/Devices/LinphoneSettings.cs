using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace CloudPbx.Api.Devices;

/// <summary>An account as Linphone's remote provisioning takes it: its configuration file as XML.</summary>
internal static class LinphoneSettings
{
    private static readonly XNamespace s_namespace = "http://www.linphone.org/xsds/lpconfig.xsd";

    /// <summary>Writes the file.</summary>
    /// <param name="user">The user name.</param>
    /// <param name="password">The password.</param>
    /// <param name="displayName">The name that others see.</param>
    /// <param name="domain">The tenant's SIP domain.</param>
    /// <param name="server">The server that the phone connects to.</param>
    /// <param name="tlsPort">Its port for TLS.</param>
    public static string Write(string user, string password, string displayName, string domain, string server, int tlsPort)
    {
        string identity = $"\"{Shown(displayName)}\" <sip:{user}@{domain}>";
        string host = server.Contains(':', StringComparison.Ordinal) ? $"[{server.Trim('[', ']')}]" : server;
        string proxy = string.Create(CultureInfo.InvariantCulture, $"sip:{host}:{tlsPort};transport=tls");
        return new XDocument(new XElement(
            s_namespace + "config",
            Section("auth_info_0", ("username", user), ("passwd", password), ("domain", domain)),
            Section("proxy_0", ("reg_identity", identity), ("reg_proxy", $"<{proxy}>"), ("reg_route", $"<{proxy};lr>"), ("reg_sendregister", "1"), ("reg_expires", "600")),
            Section("sip", ("default_proxy", "0"), ("media_encryption", "srtp")),
            Section("misc", ("transient_provisioning", "1")))).ToString();         // the link is over: it must not be asked again at every start
    }

    private static XElement Section(string name, params (string Name, string Value)[] entries) => new(
        s_namespace + "section", new XAttribute("name", name),
        entries.Select(entry => new XElement(s_namespace + "entry", new XAttribute("name", entry.Name), new XAttribute("overwrite", "true"), entry.Value)));

    /// <summary>A name without what would end its quotes, or what XML 1.0 cannot hold.</summary>
    private static string Shown(string name) => string.Concat(name.EnumerateRunes().Where(rune => rune.Value is not ('"' or '\\') && (!rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value))));
}
