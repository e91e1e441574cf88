using System.Reflection;
using NetArchTest.Rules;

namespace CloudPbx.Architecture.Tests;

public sealed class DependencyTests
{
    private static readonly string[] s_serverSide = ["Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore", "StackExchange.Redis", "MassTransit", "Orleans", "Grpc", "Npgsql"];

    public static TheoryData<string> Libs => [.. Repository.Projects("libs").Keys.Order()];

    public static TheoryData<string> Services => [.. Repository.Projects("services").Keys.Order()];

    public static TheoryData<string> ProtocolLibs => [.. DependencyTable.ProtocolLibs];

    public static TheoryData<string> SipFolders => [.. DependencyTable.SipFolders.Keys];

    [Theory]
    [MemberData(nameof(Libs))]
    public void A_lib_refers_only_to_what_the_table_allows(string lib)
    {
        Assert.True(DependencyTable.Libs.TryGetValue(lib, out string[]? allowed), $"{lib} is not in the table");
        Assert.Empty(Repository.References(Repository.Projects("libs")[lib]).Except(allowed!));
        Assert.Empty(CompiledReferences($"CloudPbx.{lib}").Except(allowed!));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_refers_only_to_what_the_table_allows_and_never_to_a_service(string service)
    {
        if (service == DependencyTable.Composer) return;
        Assert.True(DependencyTable.Services.TryGetValue(service, out string[]? allowed), $"{service} is not in the table");
        string[] all = allowed!.Contains("Data") ? [.. allowed!, .. DependencyTable.Providers] : allowed!;
        Assert.Empty(Repository.References(Repository.Projects("services")[service]).Except(all));
        Assert.Empty(CompiledReferences($"CloudPbx.{service}").Except(all));
    }

    [Fact]
    public void Only_AllInOne_and_tests_refer_to_services()
    {
        string[] services = [.. Repository.Projects("services").Keys];
        foreach ((string name, string file) in Repository.Projects("libs").Concat(Repository.Projects("services")))
        {
            if (name != DependencyTable.Composer) Assert.Empty(Repository.References(file).Intersect(services));
        }
    }

    [Theory]
    [MemberData(nameof(ProtocolLibs))]
    public void Protocol_libs_know_the_base_class_library_and_logging_only(string lib)
    {
        string project = Repository.Projects("libs")[lib];
        Assert.Empty(Repository.Items(project, "PackageReference").Except(["Microsoft.Extensions.Logging.Abstractions"]));
        Assert.Empty(Repository.Items(project, "FrameworkReference"));
        Assert.All(
            Assembly.Load($"CloudPbx.{lib}").GetReferencedAssemblies(),
            reference => Assert.True(
                reference.Name is "Microsoft.Extensions.Logging.Abstractions" or "Microsoft.Win32.Primitives"
                || reference.Name!.StartsWith("System.", StringComparison.Ordinal) || reference.Name.StartsWith("CloudPbx.", StringComparison.Ordinal),
                $"{lib} refers to {reference.Name}"));
    }

    [Fact]
    public void Contracts_need_no_package_and_the_softphone_none_of_the_servers()
    {
        Assert.Empty(Repository.Items(Repository.Projects("libs")["Contracts"], "PackageReference"));
        Assert.DoesNotContain(
            Assembly.Load("CloudPbx.Softphone").GetReferencedAssemblies(),
            reference => s_serverSide.Any(name => reference.Name!.StartsWith(name, StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(SipFolders))]
    public void Arrows_inside_Sip_point_one_way(string folder)
    {
        string[] forbidden =
        [
            .. DependencyTable.SipFolders.Keys.Where(other => other != folder && !DependencyTable.SipFolders[folder].Contains(other)).Select(other => $"CloudPbx.Sip.{other}"),
        ];
        IEnumerable<string> failing = Types.InAssembly(Assembly.Load("CloudPbx.Sip")).That().ResideInNamespace($"CloudPbx.Sip.{folder}")
            .ShouldNot().HaveDependencyOnAny(forbidden).GetResult().FailingTypeNames ?? [];
        Assert.Empty(failing);
    }

    [Fact]
    public void Every_folder_of_Sip_is_in_the_table()
    {
        string[] folders = [.. Repository.Sources("libs/CloudPbx.Sip").Select(file => file.Split('/')).Where(parts => parts.Length > 3).Select(parts => parts[2]).Distinct()];
        Assert.Empty(folders.Except(DependencyTable.SipFolders.Keys));
    }

    [Fact]
    public void Edge_never_opens_the_database_and_Media_never_reads_SIP()
    {
        Assert.DoesNotContain(Assembly.Load("CloudPbx.Edge").GetReferencedAssemblies(), reference => reference.Name is "Npgsql" || reference.Name!.Contains("EntityFrameworkCore", StringComparison.Ordinal));
        Assert.DoesNotContain(Assembly.Load("CloudPbx.Media").GetReferencedAssemblies(), reference => reference.Name is "CloudPbx.Sip");
        Assert.DoesNotContain(Assembly.Load("CloudPbx.CallControl").GetReferencedAssemblies(), reference => reference.Name is "CloudPbx.Rtp" or "CloudPbx.Audio" or "CloudPbx.Sdp");
    }

    private static IEnumerable<string> CompiledReferences(string assembly) =>
        Assembly.Load(assembly).GetReferencedAssemblies().Select(reference => reference.Name!)
            .Where(name => name.StartsWith("CloudPbx.", StringComparison.Ordinal)).Select(name => name["CloudPbx.".Length..]);
}
