using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Contracts.Text;

namespace CloudPbx.AllInOne.Import;

/// <summary>
/// Adds what miniSIPServer has (local users, external lines, the dial plan) to a tenant's document. What the tenant has already stays as it is: a row about it is left out and says so. Pure; the
/// columns are described in services/AllInOne/README.md.
/// </summary>
internal sealed class MiniSipServerImport(TenantDocument present)
{
    /// <summary>What is dialled before a number outside where miniSIPServer's own setting was kept.</summary>
    private const string OutsidePrefix = "9";

    private const int ShortestSecret = 8;

    private static readonly string[] s_user = ["local user", "user", "user name", "extension", "number", "account"];
    private static readonly string[] s_line = ["external line", "line", "account", "user", "number"];
    private static readonly string[] s_prefix = ["prefix", "called prefix", "called number prefix", "number prefix"];

    private readonly List<ExtensionDocument> _extensions = [.. present.Extensions];
    private readonly List<TrunkDocument> _trunks = [.. present.Trunks];
    private readonly List<RouteDocument> _routes = [.. present.Routes];
    private readonly List<ImportedRow> _report = [];

    /// <summary>What became of each row.</summary>
    public IReadOnlyList<ImportedRow> Report => _report;

    /// <summary>The tenant as it is to be.</summary>
    public TenantDocument Document => present with
    {
        Extensions = _extensions,
        Trunks = _trunks,
        Routes = _routes,
        Outside = present.Outside is null || (present.Outside.OutsidePrefix is null or "" && _trunks.Count > present.Trunks.Count)
            ? (present.Outside ?? new OutsideDocument()) with { OutsidePrefix = _trunks.Count > 0 ? OutsidePrefix : "" } : present.Outside,
    };

    /// <summary>Adds local users as extensions with a phone each.</summary>
    public void AddUsers(string text)
    {
        ImportTable table = ImportTable.Read("users", text, s_user);
        foreach (CsvRow row in table.Rows)
        {
            string number = table.Find(row, s_user) ?? "";
            string? refusal = number.Length is < 2 or > 8 || !number.All(char.IsAsciiDigit) ? "An extension is 2 to 8 digits."
                : _extensions.Exists(e => e.Number == number) ? "The tenant has this extension already: it stays as it is."
                : present.Conferences.Any(c => c.Number == number) ? "The tenant has a conference room of this number." : null;
            if (refusal is not null)
            {
                Note("users", row, number, false, refusal);
                continue;
            }
            string? password = table.Find(row, "password", "secret");
            bool isKept = password is { Length: >= ShortestSecret and <= 128 } && !password.Any(char.IsControl);
            _extensions.Add(new ExtensionDocument { Number = number, DisplayName = table.Find(row, "display name", "name", "full name"), Devices = [new DeviceDocument { Secret = isKept ? password : null }] });
            Note("users", row, number, true, isKept ? "extension and phone, password kept" : "extension and phone, a new password: the old one is shorter than 8 characters or missing");
        }
    }

    /// <summary>Adds external lines as trunks that register.</summary>
    public void AddLines(string text)
    {
        ImportTable table = ImportTable.Read("lines", text, s_line);
        foreach (CsvRow row in table.Rows)
        {
            string line = table.Find(row, s_line) ?? "";
            string? host = table.Find(row, "server", "server address", "peer server", "sip server", "domain"), password = table.Find(row, "password", "secret"), port = table.Find(row, "port", "server port");
            string? local = table.Find(row, "local user", "extension", "incoming local user", "destination");
            int portNumber = 0;
            string? refusal = line.Length == 0 ? "The line has no number."
                : host is null ? "The line has no server: a trunk registers at one."
                : password is null ? "The line has no password."
                : port is not null && (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out portNumber) || portNumber is < 1 or > 65535) ? "The port is none."
                : _trunks.Exists(t => t.Name == line) ? "The tenant has a trunk of this name already: it stays as it is." : null;
            if (refusal is not null)
            {
                Note("lines", row, line, false, refusal);
                continue;
            }
            bool isThere = local is not null && _extensions.Exists(e => e.Number == local);
            _trunks.Add(new TrunkDocument
            {
                Name = line, Server = new TrunkServerDocument { Host = host!, Port = port is null ? null : portNumber },
                Accounts = [new TrunkAccountDocument { User = line, AuthUser = table.Find(row, "auth id", "authorization id", "auth name", "authorization name"), Password = password }],
                DefaultExtension = isThere ? local : null,
            });
            Note("lines", row, line, true, isThere ? $"trunk; calls from outside reach {local}" : local is null ? "trunk; calls from outside reach nobody yet" : $"trunk; calls from outside reach nobody: there is no extension {local}");
        }
        if (_trunks.Count > 0 && !_routes.Exists(r => r.Prefix is null or ""))
            _routes.Add(new RouteDocument { Name = "all", Trunks = [.. _trunks.Take(16).Select(t => new RouteTrunkDocument { Trunk = t.Name })] });
    }

    /// <summary>Adds entries of the dial plan as routes.</summary>
    public void AddDialPlan(string text)
    {
        ImportTable table = ImportTable.Read("dial plan", text, s_prefix);
        foreach (CsvRow row in table.Rows)
        {
            string prefix = table.Find(row, s_prefix) ?? "", name = prefix.Length == 0 ? "all" : $"dial {prefix}";
            string? line = table.Find(row, "external line", "line", "trunk", "peer"), drop = table.Find(row, "delete digits", "delete", "strip", "remove digits"), insert = table.Find(row, "insert", "add", "add prefix", "insert digits");
            int digits = 0;
            string? refusal = prefix.Length > 15 || !prefix.TrimStart('+').All(char.IsAsciiDigit) ? "A prefix is up to 15 digits."
                : line is not null && !_trunks.Exists(t => t.Name == line) ? $"There is no line {line}: import the lines with the dial plan."
                : drop is not null && (!int.TryParse(drop, NumberStyles.None, CultureInfo.InvariantCulture, out digits) || digits > prefix.Length) ? "As many digits as are deleted must stand in the prefix."
                : _routes.Exists(r => (r.Prefix ?? "") == prefix) ? "The tenant has a route for this prefix already: it stays as it is." : null;
            if (refusal is not null)
            {
                Note("dial plan", row, prefix, false, refusal);
                continue;
            }
            string replacement = insert + prefix[digits..];
            _routes.Add(new RouteDocument
            {
                Name = name, Prefix = prefix.Length == 0 ? null : prefix,
                Trunks = line is not null ? [new RouteTrunkDocument { Trunk = line }] : [.. _trunks.Take(16).Select(t => new RouteTrunkDocument { Trunk = t.Name })],
                Rewrite = replacement == prefix ? [] : [new NumberRewrite { Prefix = prefix, Replacement = replacement }],
            });
            Note("dial plan", row, prefix, true, replacement == prefix ? $"route over {line ?? "every line"}" : $"route over {line ?? "every line"}, {prefix} becomes {(replacement.Length == 0 ? "nothing" : replacement)}");
        }
    }

    private void Note(string file, CsvRow row, string subject, bool taken, string note) => _report.Add(new ImportedRow(file, row.Line, subject, taken, note));
}
