using System.Globalization;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Text;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Api.Imports;

/// <summary>
/// Adds what miniSIPServer has (local users, external lines, the dial plan) to a tenant's document. What the tenant has already stays as it is: a row about it is left out and says so. Pure; the
/// columns are described in services/AllInOne/README.md.
/// </summary>
/// <param name="present">The tenant as it is.</param>
/// <param name="refused">Rows that are left out, and why: what they would make was found wrong.</param>
internal sealed class MiniSipServerImport(TenantDocument present, IReadOnlyDictionary<(ImportedFile File, int Row), string>? refused = null)
{
    private const int ShortestSecret = 8, LongestSecret = 128, MostTrunksOfRoute = 16;

    /// <summary>Rows of the lines and of the dial plan that are looked at: a tenant has no more trunks and routes (<c>DocumentReader</c>).</summary>
    private const int MostRows = 1000;

    /// <summary>Where the report says what no row asked for: at the heading.</summary>
    private const int Heading = 1;

    private static readonly string s_beyond = $"Only the first {MostRows} rows of this file are looked at: put this one into another.";

    private static readonly string[] s_user = ["local user", "user", "user name", "extension", "number", "account"];
    private static readonly string[] s_line = ["external line", "line", "account", "user", "number"];
    private static readonly string[] s_prefix = ["prefix", "called prefix", "called number prefix", "number prefix"];

    private readonly List<ExtensionDocument> _extensions = [.. present.Extensions];
    private readonly HashSet<string> _numbers = [.. present.Extensions.Select(e => e.Number)];
    private readonly HashSet<string> _rooms = [.. present.Conferences.Select(c => c.Number)];
    private readonly List<TrunkDocument> _trunks = [.. present.Trunks];
    private readonly HashSet<string> _trunkNames = [.. present.Trunks.Select(t => t.Name)];
    private readonly List<RouteDocument> _routes = [.. present.Routes];
    private readonly HashSet<string> _routeNames = [.. present.Routes.Select(r => r.Name)], _prefixes = [.. present.Routes.Select(r => r.Prefix ?? "")];
    private readonly List<ImportedRow> _report = [];
    private readonly Dictionary<string, (ImportedFile File, int Row)> _places = [];

    /// <summary>What became of each row.</summary>
    public IReadOnlyList<ImportedRow> Report => _report;

    /// <summary>The tenant as it is to be.</summary>
    public TenantDocument Document => present with { Extensions = _extensions, Trunks = _trunks, Routes = _routes };

    private IEnumerable<TrunkDocument> NewTrunks => _trunks.Skip(present.Trunks.Count);

    /// <summary>Which row has made what stands there in <see cref="Document"/>, or null: none has.</summary>
    /// <param name="path">A place in the document: <c>$.extensions[3].number</c>.</param>
    public (ImportedFile File, int Row)? RowOf(string path) =>
        path.IndexOf(']', StringComparison.Ordinal) is var end and > 0 && _places.TryGetValue(path[..(end + 1)], out (ImportedFile, int) row) ? row : null;

    /// <summary>Adds local users as extensions with a phone each.</summary>
    /// <returns>What is wrong with the file as a whole, or null.</returns>
    public string? AddUsers(string text)
    {
        if (ImportTable.Read(text, out string? fault, s_user) is not { } table)
            return fault;
        foreach (CsvRow row in table.Rows)
        {
            string number = table.Find(row, s_user) ?? "";
            string? refusal = number.Length is < 2 or > 8 || !number.All(char.IsAsciiDigit) ? "An extension is 2 to 8 digits."
                : _numbers.Contains(number) ? "The tenant has this extension already: it stays as it is."
                : _rooms.Contains(number) ? "The tenant has a conference room of this number." : null;
            if (IsLeftOut(ImportedFile.Users, row.Line, number, refusal))
                continue;
            string? password = table.Find(row, "password", "secret");
            bool isKept = password is { Length: >= ShortestSecret and <= LongestSecret } && !password.Any(char.IsControl);
            Take(ImportedFile.Users, row.Line, number, $"$.extensions[{_extensions.Count}]", isKept ? "Extension and phone; the password is kept." : "Extension and phone with a new password: the old one is missing or shorter than 8 characters.");
            _extensions.Add(new ExtensionDocument { Number = number, DisplayName = table.Find(row, "display name", "name", "full name"), Devices = [new DeviceDocument { Secret = isKept ? password : null }] });
            _numbers.Add(number);
        }
        return null;
    }

    /// <summary>Adds external lines as trunks that register.</summary>
    /// <returns>What is wrong with the file as a whole, or null.</returns>
    public string? AddLines(string text)
    {
        if (ImportTable.Read(text, out string? fault, s_line) is not { } table)
            return fault;
        foreach ((int index, CsvRow row) in table.Rows.Index())
        {
            string line = table.Find(row, s_line) ?? "";
            string? host = table.Find(row, "server", "server address", "peer server", "sip server", "domain"), password = table.Find(row, "password", "secret"), port = table.Find(row, "port", "server port");
            string? local = table.Find(row, "local user", "extension", "incoming local user", "destination");
            int portNumber = 0;
            string? refusal = index >= MostRows ? s_beyond
                : line.Length == 0 ? "The line has no number."
                : host is null ? "The line has no server: a trunk registers at one."
                : password is null ? "The line has no password."
                : port is not null && (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out portNumber) || portNumber is < 1 or > 65535) ? "A port is 1 to 65535."
                : _trunkNames.Contains(line) ? "The tenant has a trunk of this name already: it stays as it is." : null;
            if (IsLeftOut(ImportedFile.Lines, row.Line, line, refusal))
                continue;
            bool isThere = local is not null && _numbers.Contains(local);
            Take(
                ImportedFile.Lines, row.Line, line, $"$.trunks[{_trunks.Count}]",
                isThere ? $"Trunk; calls from outside reach {local}." : local is null ? "Trunk that nobody is reached by yet: give it an extension." : $"Trunk that nobody is reached by: there is no extension {local}.");
            _trunks.Add(new TrunkDocument
            {
                Name = line, Server = new TrunkServerDocument { Host = host!, Port = port is null ? null : portNumber },
                Accounts = [new TrunkAccountDocument { User = line, AuthUser = table.Find(row, "auth id", "authorization id", "auth name", "authorization name"), Password = password }],
                DefaultExtension = isThere ? local : null,
            });
            _trunkNames.Add(line);
        }
        return null;
    }

    /// <summary>Adds entries of the dial plan as routes.</summary>
    /// <returns>What is wrong with the file as a whole, or null.</returns>
    public string? AddDialPlan(string text)
    {
        if (ImportTable.Read(text, out string? fault, s_prefix) is not { } table)
            return fault;
        foreach ((int index, CsvRow row) in table.Rows.Index())
        {
            string prefix = table.Find(row, s_prefix) ?? "";
            string? line = table.Find(row, "external line", "line", "trunk", "peer"), drop = table.Find(row, "delete digits", "delete", "strip", "remove digits"), insert = table.Find(row, "insert", "add", "add prefix", "insert digits");
            int digits = 0;
            string? refusal = index >= MostRows ? s_beyond
                : prefix.Length > 15 || !prefix.TrimStart('+').All(char.IsAsciiDigit) ? "A prefix is up to 15 digits."
                : line is not null && !_trunkNames.Contains(line) ? $"There is no line {line}: import the lines with the dial plan."
                : line is null && _trunks.Count == 0 ? "The tenant has no line of its own that this could go over: import the lines with the dial plan."       // a route over none bars its calls
                : drop is not null && (!int.TryParse(drop, NumberStyles.None, CultureInfo.InvariantCulture, out digits) || digits > prefix.Length) ? "As many digits as are deleted must stand in the prefix."
                : _prefixes.Contains(prefix) ? "The tenant has a route for this prefix already: it stays as it is." : null;
            if (IsLeftOut(ImportedFile.DialPlan, row.Line, prefix, refusal))
                continue;
            string replacement = insert + prefix[digits..], over = line is null ? "" : $" over {line}";
            Take(
                ImportedFile.DialPlan, row.Line, prefix, $"$.routes[{_routes.Count}]",
                replacement == prefix ? line is null ? "Route over every line." : $"Route over {line}."
                : replacement.Length == 0 ? $"Rewriting route{over}: the prefix is removed." : $"Rewriting route{over}: the prefix becomes {replacement}.");
            AddRoute(new RouteDocument
            {
                Name = FreeName(prefix.Length == 0 ? "all" : $"dial {prefix}"), Prefix = prefix.Length == 0 ? null : prefix,
                Trunks = line is not null ? [new RouteTrunkDocument { Trunk = line }] : Over(NewTrunks.Concat(present.Trunks)),
                Rewrite = replacement == prefix ? [] : [new NumberRewrite { Prefix = prefix, Replacement = replacement }],
            });
        }
        return null;
    }

    /// <summary>Adds a route for every number over the new lines where neither the tenant nor its dial plan has one: without it the lines would carry no call. Comes last.</summary>
    public void AddRouteForEveryNumber()
    {
        if (!NewTrunks.Any() || _prefixes.Contains(""))
            return;
        string name = FreeName("all");
        if (IsLeftOut(ImportedFile.Lines, Heading, name, refusal: null))
            return;
        Take(ImportedFile.Lines, Heading, name, $"$.routes[{_routes.Count}]", "A route over the new lines is added for every number that no other route is for.");
        AddRoute(new RouteDocument { Name = name, Trunks = Over(NewTrunks) });
    }

    private static List<RouteTrunkDocument> Over(IEnumerable<TrunkDocument> trunks) => [.. trunks.Take(MostTrunksOfRoute).Select(t => new RouteTrunkDocument { Trunk = t.Name })];

    private void AddRoute(RouteDocument route)
    {
        _routes.Add(route);
        _routeNames.Add(route.Name);
        _prefixes.Add(route.Prefix ?? "");
    }

    /// <summary>The name, or, where the tenant has a route of it, the name with the first number that makes it another.</summary>
    private string FreeName(string name)
    {
        string free = name;
        for (int next = 2; _routeNames.Contains(free); next++)
            free = string.Create(CultureInfo.InvariantCulture, $"{name} {next}");
        return free;
    }

    private bool IsLeftOut(ImportedFile file, int line, string subject, string? refusal)
    {
        refusal ??= refused?.GetValueOrDefault((file, line));
        if (refusal is not null)
            _report.Add(new ImportedRow { File = file, Row = line, Subject = StrangersText.WithoutControls(subject)!, Taken = false, Note = refusal });
        return refusal is not null;
    }

    private void Take(ImportedFile file, int line, string subject, string path, string note)
    {
        _places[path] = (file, line);
        _report.Add(new ImportedRow { File = file, Row = line, Subject = StrangersText.WithoutControls(subject)!, Taken = true, Note = StrangersText.WithoutControls(note)! });
    }
}
