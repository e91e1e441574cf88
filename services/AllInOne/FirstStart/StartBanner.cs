using System.Net;
using CloudPbx.AllInOne.Certificates;
using CloudPbx.AllInOne.Commands;

namespace CloudPbx.AllInOne.FirstStart;

/// <summary>What a newcomer needs to connect a phone, on one screen.</summary>
/// <param name="Domain">The demo tenant's SIP domain; <see langword="null"/> when the installation has no demo tenant.</param>
/// <param name="Names">How the machine is reached.</param>
/// <param name="Running">Ports and files.</param>
/// <param name="Secrets">Extension and password of phones that were created just now; empty on later starts.</param>
/// <param name="DataFolder">The data folder, as the commands take it.</param>
/// <param name="PublicUrl">The address of the pages.</param>
/// <param name="OperatorLink">Where the operator chooses a password; <see langword="null"/> once they have one.</param>
internal sealed record StartBanner(
    string? Domain, ServerNames Names, RunningInstallation Running, IReadOnlyList<(string Extension, string Password)> Secrets, string DataFolder, string PublicUrl, string? OperatorLink)
{
    /// <summary>Writes the table.</summary>
    public void WriteTo(TextWriter writer)
    {
        IPAddress[] reachable = [.. Names.Addresses.Where(a => !IPAddress.IsLoopback(a))];
        string server = (reachable.FirstOrDefault() ?? Names.Addresses[0]).ToString();
        writer.WriteLine("CloudPbx is ready. Ctrl-C stops it.");
        writer.WriteLine();
        if (Domain is not null) writer.WriteLine($"  Domain          {Domain}");
        writer.WriteLine($"  Server          {string.Join(", ", reachable.Select(a => a.ToString()).DefaultIfEmpty("127.0.0.1"))}, {string.Join(", ", Names.Dns.Where(d => d != Domain))}");
        writer.WriteLine($"  SIP             UDP and TCP port {Running.SipPort}, TLS port {Running.TlsPort}");
        if (OperatorLink is null)
        {
            writer.WriteLine($"  Portal          {PublicUrl}/   (sign in as \"operator\")");
        }
        else
        {
            writer.WriteLine($"  Portal          {PublicUrl}/");
            writer.WriteLine($"  First sign-in   {OperatorLink}{Environment.NewLine}                  (choose the password of the user \"operator\"; the link works once, within a day)");
        }
        writer.WriteLine($"  REST API        https://localhost:{Running.HttpsPort}/v1   (token: {Path.Combine(DataFolder, "operator.token")})");
        writer.WriteLine(Running.CertificateAuthority is { } authority
            ? $"  CA certificate  {authority}   (for phones that verify, such as Linphone)"
            : "  CA certificate  yours");
        if (Domain is null)
        {
            writer.WriteLine();
            writer.WriteLine("There is no tenant yet: describe one in a file and ./pbx apply FILE.");
            return;
        }

        writer.WriteLine();
        if (Secrets.Count > 0)
        {
            var table = new TextTable("  Extension", "Password");
            foreach ((string extension, string password) in Secrets) table.Add("  " + extension, password);
            table.WriteTo(writer);
            writer.WriteLine();
            writer.WriteLine("  GNOME Calls: menu > VoIP Accounts > Add Account");
            writer.WriteLine($"    Server {server}   Display Name (yours)   User ID {Secrets[0].Extension}   Password {Secrets[0].Password}");
            writer.WriteLine($"    Port {Running.TlsPort}   Transport TLS   Media Encryption (any)");
            writer.WriteLine("  Then dial *43, the echo test, or the other phone's extension.");
        }
        else
        {
            writer.WriteLine("  The passwords are those of the first start; ./pbx export demo shows them.");
        }
        writer.WriteLine("  ./pbx phones lists the phones that are registered, ./pbx calls the calls that were made.");
    }
}
