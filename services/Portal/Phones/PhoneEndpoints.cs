using System.Globalization;
using System.Xml.Linq;

namespace CloudPbx.Portal.Phones;

/// <summary>What phones and their owners fetch: the authority's certificate, and an account for the phone that has scanned its code.</summary>
internal static class PhoneEndpoints
{
    public static void MapPhones(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/phones/authority.pem", (PhoneAccess access) => access.AuthorityFile is { } file && File.Exists(file)
            ? Results.File(file, "application/x-pem-file", "cloudpbx-authority.pem") : Results.NotFound()).ExcludeFromDescription();                          // no secret: who has to trust it is not signed in yet
        endpoints.MapGet("/phones/pair/{code}", (string code, PhonePairing pairing, HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "no-store";
            return pairing.Take(code) is { } account ? Results.Text(LinphoneSettings(account), "application/xml") : Results.NotFound();
        }).ExcludeFromDescription();
    }

    /// <summary>An account as Linphone's remote provisioning takes it (its configuration file as XML).</summary>
    internal static string LinphoneSettings(PhoneAccount account)
    {
        XNamespace ns = "http://www.linphone.org/xsds/lpconfig.xsd";
        string identity = $"\"{account.DisplayName.Replace("\"", "", StringComparison.Ordinal)}\" <sip:{account.User}@{account.Domain}>";
        string host = account.Server.Contains(':', StringComparison.Ordinal) ? $"[{account.Server}]" : account.Server;
        string proxy = string.Create(CultureInfo.InvariantCulture, $"<sip:{host}:{account.Port};transport=tls>");
        XElement Section(string name, params (string Name, string Value)[] entries) => new(
            ns + "section", new XAttribute("name", name), entries.Select(entry => new XElement(ns + "entry", new XAttribute("name", entry.Name), new XAttribute("overwrite", "true"), entry.Value)));
        return new XDocument(new XElement(
            ns + "config",
            Section("auth_info_0", ("username", account.User), ("passwd", account.Password ?? ""), ("domain", account.Domain)),
            Section("proxy_0", ("reg_identity", identity), ("reg_proxy", proxy), ("reg_route", proxy), ("reg_sendregister", "1"), ("reg_expires", "600")),
            Section("sip", ("default_proxy", "0"), ("media_encryption", "srtp")))).ToString();
    }
}
