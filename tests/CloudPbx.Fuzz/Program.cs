using CloudPbx.Fuzz;
using SharpFuzz;

// Exit codes: 0 nothing found, 1 something found, 2 wrong usage.
Coverage.Begin();
if (args is ["--guided", .. var rest])
    return await Coverage.RunInstrumentedAsync(rest);
if (args is ["product", .. var options])
    return await ProductFuzz.RunAsync(options);
if (Hunt.Parse(args) is { } everything)
    return everything.Run(FuzzTarget.All);
if (args is ["--libfuzzer", var instrumented] && FuzzTarget.Find(instrumented) is { } guided)
{
    Fuzzer.LibFuzzer.Run(octets => guided.Run(octets));
    return 0;
}
if (FuzzTarget.Find(args[0]) is not { } target)
{
    Console.WriteLine(
        $"""
        usage: ./pbx fuzz [TARGET] [--rounds N] [--seconds N] [--seed S]
                                                     mutate good inputs, of one target or of all in turn, so often, so long, or until one throws
               ./pbx fuzz TARGET FILE|FOLDER…        run files once: to look at what was found, or to go through a corpus
               {ProductFuzz.Usage}
                                                     send the running product mutated messages over UDP, TCP and TLS (1,000,000 of them)
               ./pbx fuzz --guided [TARGET] …        the same, led by the branches that inputs take: the libs' copies are instrumented by SharpFuzz
               ./pbx fuzz --libfuzzer TARGET         under libfuzzer-dotnet, with the assemblies instrumented by SharpFuzz
        targets: {string.Join(", ", FuzzTarget.All.Select(t => t.Name))}
        """);
    return args[0] is "--help" or "-h" ? 0 : 2;
}
if (Hunt.Parse(args.AsSpan(1)) is { } hunt)
    return hunt.Run([target]);
foreach (string file in args[1..].SelectMany(path => Directory.Exists(path) ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories) : [path]))
    target.Run(await File.ReadAllBytesAsync(file));
return 0;
