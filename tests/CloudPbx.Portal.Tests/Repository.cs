using System.Text.Json;
using System.Text.RegularExpressions;

namespace CloudPbx.Portal.Tests;

/// <summary>The sources that the texts must keep up with.</summary>
internal static partial class Repository
{
    private static readonly Lazy<string> s_root = new(() =>
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CloudPbx.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run in the repository.");
    });

    /// <summary>Where it lies.</summary>
    public static string Folder => s_root.Value;

    public static IEnumerable<string> PortalSources() => Sources("services/Portal").Where(file => file.EndsWith(".razor", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>The rules of routing decisions, as the command line says them.</summary>
    public static IEnumerable<string> RoutingRules() =>
        RuleKey().Matches(File.ReadAllText(Path.Combine(s_root.Value, "services/AllInOne/Commands/RouteText.cs"))).Select(match => match.Groups[1].Value);

    /// <summary>The sentences of the API that begin as those about wrong input do, without values in them.</summary>
    public static IEnumerable<string> ApiSentences() => Sources("services/Api").Where(file => file.EndsWith(".cs", StringComparison.Ordinal))
        .SelectMany(file => Sentence().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value.Replace("\\\"", "\"", StringComparison.Ordinal)));

    /// <summary>The operations of the API's description that change something: the audit logs of tenants, resellers and the platform name them.</summary>
    public static IEnumerable<string> Writes()
    {
        using JsonDocument description = JsonDocument.Parse(File.ReadAllText(Path.Combine(s_root.Value, "tests/CloudPbx.Api.Tests/openapi-v1.json")));
        return [.. description.RootElement.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .Where(operation => operation.Name is "post" or "put" or "patch" or "delete").Select(operation => operation.Value.GetProperty("operationId").GetString()!)];
    }

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(Path.Combine(s_root.Value, folder), "*", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    [GeneratedRegex("""\["([a-z0-9-]+)"\] = """)]
    private static partial Regex RuleKey();

    [GeneratedRegex("""(?<!\$)"(Must (?:[^"\\{]|\\.)+\.)"(?! *\+)""")]
    private static partial Regex Sentence();
}
