using System.Xml.Linq;

namespace CloudPbx.Architecture.Tests;

/// <summary>The source tree, found from where the tests were built.</summary>
internal static class Repository
{
    internal static string Root { get; } = FindRoot();

    /// <summary>Project files below a folder, by the project's short name ("Sip", "Edge").</summary>
    internal static IReadOnlyDictionary<string, string> Projects(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories)
            .ToDictionary(file => ShortName(file), StringComparer.Ordinal);

    /// <summary>The short names of the projects that a project file refers to.</summary>
    internal static IEnumerable<string> References(string project) =>
        Items(project, "ProjectReference").Select(path => ShortName(path.Replace('\\', '/')));

    internal static IEnumerable<string> Items(string project, string kind) =>
        XDocument.Load(project).Descendants(kind).Select(item => item.Attribute("Include")!.Value);

    /// <summary>The hand-written C# files below a folder, relative to the root.</summary>
    internal static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "Migrations"));

    internal static string Text(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string ShortName(string path) => Path.GetFileNameWithoutExtension(path)["CloudPbx.".Length..];

    private static string FindRoot()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "CloudPbx.sln"))) at = at.Parent;
        return at?.FullName ?? throw new InvalidOperationException("CloudPbx.sln is in no folder above the tests");
    }
}
