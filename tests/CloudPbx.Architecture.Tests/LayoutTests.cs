using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace CloudPbx.Architecture.Tests;

public sealed partial class LayoutTests
{
    public static TheoryData<string> Folders => ["libs", "services"];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_public_type_lives_in_a_file_of_its_name(string folder)
    {
        List<string> strays = [];
        foreach (string file in Repository.Sources(folder))
        {
            string stem = Path.GetFileName(file).Split('.')[0];
            (string Kind, string Name)[] types = [.. PublicType().Matches(Repository.Text(file)).Select(match => (match.Groups["kind"].Value, match.Groups["name"].Value))];
            if (types.Length > 0 && (!types.Any(type => type.Name == stem) || !types.All(type => MayStay(type.Kind, type.Name, stem))))
                strays.Add($"{file}: {string.Join(", ", types.Select(type => type.Name))}");
        }
        Assert.True(strays.Count == 0, string.Join(Environment.NewLine, strays));

        // Small companions: a type's enum and delegate, a part of its options, what carries its name in its own.
        static bool MayStay(string kind, string name, string stem) =>
            kind is "enum" or "delegate" || stem.EndsWith("Options", StringComparison.Ordinal)
            || name.Contains(stem, StringComparison.Ordinal) || stem.Contains(name, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_AllInOne_carries_an_appsettings_file()
    {
        IEnumerable<string> found = Directory.EnumerateFiles(Repository.Root, "appsettings*.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file)).Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "artifacts"));
        Assert.All(found, file => Assert.StartsWith("services/AllInOne/", file, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = Repository.Text("CloudPbx.sln").Replace('\\', '/');
        Assert.All(
            ((string[])["libs", "services", "tests"]).SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories)),
            file => Assert.Contains(Path.GetRelativePath(Repository.Root, file), solution, StringComparison.Ordinal));
    }

    [Fact]
    public void Package_versions_stand_in_one_file_and_MassTransit_stays_below_9()
    {
        foreach (string file in ((string[])["libs", "services", "tests"]).SelectMany(folder => Repository.Projects(folder).Values))
            Assert.DoesNotContain(XDocument.Load(file).Descendants("PackageReference"), item => item.Attribute("Version") is not null);
        string versions = Repository.Text("Directory.Packages.props");
        Assert.All(MassTransitVersion().Matches(versions), match => Assert.EndsWith(",9)", match.Groups[1].Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Type_names_do_not_end_in_words_that_say_nothing()
    {
        IEnumerable<string> names = Repository.Sources("libs").Concat(Repository.Sources("services"))
            .SelectMany(file => PublicType().Matches(Repository.Text(file)).Select(match => match.Groups["name"].Value));
        Assert.DoesNotContain(names, name => EmptyWord().IsMatch(name));
    }

    [GeneratedRegex(@"^public (?:(?:static|sealed|abstract|partial|readonly|ref|unsafe) )*(?<kind>class|struct|record struct|record|interface|enum|delegate)(?: class)? (?:[\w<>?\[\],. ]+ (?=\w+\())?(?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex PublicType();

    [GeneratedRegex("Include=\"MassTransit[^\"]*\" Version=\"([^\"]*)\"")]
    private static partial Regex MassTransitVersion();

    [GeneratedRegex("(Manager|Helper|Helpers|Util|Utils|Utility)$")]
    private static partial Regex EmptyWord();
}
