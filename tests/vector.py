"""The test vector of the published form, cycle-log/1: three bodies, byte for byte, and their hashes."""

VECTOR = (
    '{"actor":{"ref":"p:000000000000000000000000000000aa","role":"operator","via":"cli"},"basis":[],'
    '"cmd":"00000000000000000000000000000011","cseq":null,"cycle":null,"data":{"log":"5f0c7f0e6a7b4a2d9f3e1c0b8a796857",'
    '"municipality":"Musterstadt","spec":"cycle-log/1"},"effective_on":"2026-01-07",'
    '"id":"00000000000000000000000000000001","private":{},"recorded_at":"2026-01-07T09:00:00.000000Z","second":null,'
    '"supersedes":null,"type":"log.opened","v":1}',
    '{"actor":{"ref":"p:000000000000000000000000000000ab","role":"coordinator","via":"cli"},'
    '"basis":[{"kind":"resolution","ref":"GR-DS 2026/0123 – öffentlich",'
    '"sha256":"abababababababababababababababababababababababababababababababab"}],'
    '"cmd":"00000000000000000000000000000012","cseq":1,"cycle":"ip-2026","data":{"deadline":"2026-04-30",'
    '"from":"status_analysis","to":"theme_selection"},"effective_on":"2026-04-13",'
    '"id":"00000000000000000000000000000002",'
    '"private":{"reason":"78489d6301d0e5b048a240df342ff0d079fc0aac55c06bf94ab09a9a4ae4b781"},'
    '"recorded_at":"2026-04-14T08:00:01.000001Z","second":{"approved_at":"2026-04-13T14:02:00.000000Z",'
    '"ref":"p:000000000000000000000000000000ac","role":"head_of_office"},"supersedes":null,"type":"phase.advanced","v":1}',
    '{"actor":{"ref":"p:000000000000000000000000000000ab","role":"coordinator","via":"cli"},"basis":[],'
    '"cmd":"00000000000000000000000000000013","cseq":2,"cycle":"ip-2026","data":{"field":"effective_on",'
    '"now":"2026-04-14","was":"2026-04-13"},"effective_on":"2026-04-14","id":"00000000000000000000000000000003",'
    '"private":{},"recorded_at":"2026-04-15T07:30:00.000000Z","second":null,'
    '"supersedes":"00000000000000000000000000000002","type":"phase.corrected","v":1}',
)
HASHES = (
    "00fde23a29f5dd15eb6522cc92a62b66ca25c84f79e0c4d12ee959d5605e7e42",
    "b1c117689d5890361c929e7c506078871ab121075896b5ad8f8e307c50873350",
    "a9ce1e3c53060e2e8f98b65f56b4fa64abf660ee107bf22d0a679de1ff291845",
)
